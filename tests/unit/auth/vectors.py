#!/usr/bin/python3
"""Writes tokens and keys that an independent implementation made, for the tests in this folder.

  vectors.py OUTPUT.json

Every build makes new keys, so no private key is part of the source. Time is that of NOW.
"""

import base64
import hashlib
import hmac
import json
import sys

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

NOW = 1_800_000_000
ISSUER = "https://issuer.example.com"
CLAIMS = {"iss": ISSUER, "aud": "usher", "sub": "ann", "iat": NOW - 10, "exp": NOW + 600,
          "email": "ann@example.com", "email_verified": True, "given_name": "Ann",
          "family_name": "Example"}
HEADER_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "HS256", "none", "None", "NONE", "RS384",
                     "RS512", "ES384", "ES256K", "HS512", "Ed25519", "RSA-OAEP", "rs256", "")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, length=None):
    return base64url(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))


def rsa_sign(scheme):
    return lambda key, message: key.sign(message, scheme, hashes.SHA256())


def ec_sign(key, message):
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


SIGNERS = {
    "RS256": rsa_sign(padding.PKCS1v15()),
    "PS256": rsa_sign(padding.PSS(padding.MGF1(hashes.SHA256()), 32)),
    "ES256": ec_sign,
    "EdDSA": lambda key, message: key.sign(message),
}
KEYS = {
    "rsa-rs": (rsa.generate_private_key(65537, 2048), ("RS256",)),
    "rsa-ps": (rsa.generate_private_key(65537, 2048), ("PS256",)),
    "rsa-any": (rsa.generate_private_key(65537, 2048), ("RS256", "PS256")),
    "ec": (ec.generate_private_key(ec.SECP256R1()), ("ES256",)),
    "ed": (ed25519.Ed25519PrivateKey.generate(), ("EdDSA",)),
}


def jwk_of(kid, private, algorithms):
    public = private.public_key()
    if isinstance(private, rsa.RSAPrivateKey):
        numbers = public.public_numbers()
        jwk = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
    elif isinstance(private, ec.EllipticCurvePrivateKey):
        numbers = public.public_numbers()
        jwk = {"kty": "EC", "crv": "P-256", "x": number(numbers.x, 32), "y": number(numbers.y, 32)}
    else:
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64url(raw)}
    if len(algorithms) == 1 and kid != "ec":
        jwk["alg"] = algorithms[0]
    return {**jwk, "kid": kid, "use": "sig"}


def compact(header, claims, sign):
    message = base64url(json.dumps(header).encode()) + "." + base64url(json.dumps(claims).encode())
    return message + "." + base64url(sign(message.encode()))


def signed_with(kid, algorithm):
    return lambda message: SIGNERS[algorithm](KEYS[kid][0], message)


def matrix():
    """Every header algorithm over every key and every way in which that key can sign."""
    for kid, (private, allowed) in KEYS.items():
        ways = ("RS256", "PS256") if isinstance(private, rsa.RSAPrivateKey) else allowed
        for way in ways:
            for algorithm in HEADER_ALGORITHMS:
                header = {"alg": algorithm, "kid": kid, "typ": "JWT"}
                yield {"name": f"header {algorithm!r}, signed {way}, key {kid}",
                       "token": compact(header, CLAIMS, signed_with(kid, way)),
                       "accepted": algorithm == way and way in allowed}


def public_secrets(kid):
    """What an attacker may use as the secret of HMAC: each public form of the key."""
    public = KEYS[kid][0].public_key()
    yield public.public_bytes(serialization.Encoding.PEM,
                              serialization.PublicFormat.SubjectPublicKeyInfo)
    yield public.public_bytes(serialization.Encoding.DER,
                              serialization.PublicFormat.SubjectPublicKeyInfo)
    yield json.dumps(jwk_of(kid, *KEYS[kid])).encode()


def attacks():
    header = {"alg": "HS256", "kid": "rsa-any", "typ": "JWT"}
    for kid in KEYS:
        for form, secret in enumerate(public_secrets(kid)):
            yield (f"HMAC with public form {form} of {kid}",
                   compact({**header, "kid": kid}, CLAIMS,
                           lambda m, s=secret: hmac.new(s, m, hashlib.sha256).digest()))
    own = rsa.generate_private_key(65537, 2048)
    by_own = lambda message: SIGNERS["RS256"](own, message)  # noqa: E731
    attacker = jwk_of("rsa-any", own, ("RS256", "PS256"))
    header = {"alg": "RS256", "kid": "rsa-any", "typ": "JWT"}
    yield "signed by another key of the same kid", compact(header, CLAIMS, by_own)
    yield "jwk in the header", compact({**header, "jwk": attacker}, CLAIMS, by_own)
    yield "jku in the header", compact({**header, "jku": "https://evil.example/keys"}, CLAIMS, by_own)
    yield "x5u in the header", compact({**header, "x5u": "https://evil.example/c"}, CLAIMS, by_own)
    yield "x5c in the header", compact({**header, "x5c": ["AAAA"]}, CLAIMS, by_own)
    yield "no signature", compact(header, CLAIMS, lambda message: b"")
    good = signed_with("rsa-any", "RS256")
    yield "kid of another key", compact({**header, "kid": "rsa-rs"}, CLAIMS, good)
    yield "kid of a key of another type", compact({**header, "kid": "ec"}, CLAIMS, good)
    yield "unknown kid", compact({**header, "kid": "../../rsa-any"}, CLAIMS, good)
    yield "no kid where several keys fit", compact({"alg": "RS256", "typ": "JWT"}, CLAIMS, good)
    yield "crit", compact({**header, "crit": ["exp"]}, CLAIMS, good)
    yield "b64", compact({**header, "b64": False}, CLAIMS, good)
    yield "b64 and crit", compact({**header, "b64": False, "crit": ["b64"]}, CLAIMS, good)
    yield "b64 true", compact({**header, "b64": True}, CLAIMS, good)
    changed = jwt.encode(CLAIMS, KEYS["rsa-any"][0], "RS256", headers={"kid": "rsa-any"}).split(".")
    changed[1] = base64url(json.dumps({**CLAIMS, "sub": "bob"}).encode())
    yield "claims changed", ".".join(changed)
    ec_header = {"alg": "ES256", "kid": "ec", "typ": "JWT"}
    yield ("ES256 signature in DER",
           compact(ec_header, CLAIMS,
                   lambda message: KEYS["ec"][0].sign(message, ec.ECDSA(hashes.SHA256()))))
    yield "ES256 signature of zeros", compact(ec_header, CLAIMS, lambda message: bytes(64))
    yield ("ES256 signature too long",
           compact(ec_header, CLAIMS, lambda message: ec_sign(KEYS["ec"][0], message) + b"\0"))
    yield ("PS256 with a short salt",
           compact({**header, "alg": "PS256"}, CLAIMS,
                   rsa_with(padding.PSS(padding.MGF1(hashes.SHA256()), 0))))
    yield ("PS256 over another mask",
           compact({**header, "alg": "PS256"}, CLAIMS,
                   rsa_with(padding.PSS(padding.MGF1(hashes.SHA1()), 32))))


def rsa_with(scheme):
    return lambda message: KEYS["rsa-any"][0].sign(message, scheme, hashes.SHA256())


def by_library():
    """The diagonal again, by the library that many services use."""
    for kid, (private, allowed) in KEYS.items():
        for algorithm in allowed:
            yield {"name": f"PyJWT, {algorithm}, {kid}", "accepted": True,
                   "token": jwt.encode(CLAIMS, private, algorithm, headers={"kid": kid})}


def main():
    cases = list(matrix()) + list(by_library())
    cases += [{"name": name, "token": token, "accepted": False} for name, token in attacks()]
    keys = [jwk_of(kid, private, allowed) for kid, (private, allowed) in KEYS.items()]
    with open(sys.argv[1], "w", encoding="utf-8") as output:
        json.dump({"now": NOW, "issuer": ISSUER, "jwks": {"keys": keys}, "cases": cases}, output)


main()
