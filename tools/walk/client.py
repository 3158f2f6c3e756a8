"""Calls usher by the names its .proto files give, with no generated code.

    client = Client("127.0.0.1:50051", proto_folder)
    answer = client.call("UserDirectory.ListUsers", {"organization_id": "org_…"}, SERVICE)

Requests are dictionaries in protobuf's JSON mapping, answers are messages. A call that fails raises
Refused. Any value named in the .proto files can be had by `message_type` and `enum`.
"""

import pathlib
import subprocess
import time

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

CALL_SECONDS = 10
SERVICE = (("usher-caller", "service"),)


def as_user(user_id):
    return (("usher-caller", user_id),)


class Refused(Exception):
    """A call that did not end with OK: `code`, and `reason`, `metadata`, `violations` if told."""

    def __init__(self, method, error, details):
        self.code = error.code().name
        self.reason = ""
        self.metadata = {}
        self.violations = []
        for detail in details:
            if detail.DESCRIPTOR.name == "ErrorInfo":
                self.reason = detail.reason
                self.metadata = dict(detail.metadata)
            if detail.DESCRIPTOR.name == "BadRequest":
                self.violations = [f"{v.field}: {v.description}" for v in detail.field_violations]
        why = "; ".join(self.violations) or error.details()
        super().__init__(f"{method} {self.code} {self.reason}: {why}".replace(" : ", ": "))


class Stream:
    """Answers as they come; raises Refused when the stream ends otherwise than with OK."""

    def __init__(self, answers, refused):
        self._answers = answers
        self._refused = refused

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return next(self._answers)
        except grpc.RpcError as error:
            raise self._refused(error) from error

    def cancel(self):
        self._answers.cancel()


class Client:
    """One connection. Not for use by several threads."""

    def __init__(self, address, proto_folder, credentials=None):
        self._channel = (grpc.secure_channel(address, credentials) if credentials
                         else grpc.insecure_channel(address))
        self._pool = descriptor_pool.DescriptorPool()
        self._factory = message_factory.MessageFactory(self._pool)
        for file in _compile(pathlib.Path(proto_folder)).file:
            self._pool.Add(file)

    def close(self):
        self._channel.close()

    def message_type(self, full_name):
        return self._factory.GetPrototype(self._pool.FindMessageTypeByName(full_name))

    def enum(self, full_name):
        return self._pool.FindEnumTypeByName(full_name)

    def option(self, method, extension):
        """The value of an option of a method, such as usher.v1.access."""
        described = self._pool.FindExtensionByName(extension)
        self._factory.GetPrototype(described.message_type)
        options = self.message_type("google.protobuf.MethodOptions")
        options.RegisterExtension(described)
        return options.FromString(method.GetOptions().SerializeToString()).Extensions[described]

    def methods(self, service):
        """The descriptors of a service's methods."""
        return self._pool.FindServiceByName(service).methods

    def call(self, method, request, caller=(), seconds=CALL_SECONDS, on_wire=bytes):
        """Calls, and returns the answer; `on_wire` may change the request's bytes."""
        invoke, message = self._prepare(self._channel.unary_unary, method, request, on_wire)
        try:
            return invoke(message, timeout=seconds, metadata=caller)
        except grpc.RpcError as error:
            raise Refused(method, error, self._details(error)) from error

    def outcome(self, method, request, caller=(), seconds=CALL_SECONDS):
        """All that the caller gets to see: code, sentence, answer or details, and metadata."""
        invoke, message = self._prepare(self._channel.unary_unary, method, request, bytes)
        try:
            answer, call = invoke.with_call(message, timeout=seconds, metadata=caller)
            texts = [str(answer)]
        except grpc.RpcError as error:
            call, texts = error, [str(detail) for detail in self._details(error)]
        return (call.code().name, call.details(), texts,
                sorted((key, str(value)) for key, value in call.initial_metadata() or ()),
                sorted(key for key, _ in call.trailing_metadata() or ()))

    def stream(self, method, request, caller=(), seconds=None, on_wire=bytes):
        """A Stream of the answers of a server-streaming method."""
        invoke, message = self._prepare(self._channel.unary_stream, method, request, on_wire)
        answers = invoke(message, timeout=seconds, metadata=caller)
        return Stream(answers, lambda error: Refused(method, error, self._details(error)))

    def prepared(self, method, request):
        """What to invoke, as gRPC has it, and the message: for callers who do not wait."""
        return self._prepare(self._channel.unary_unary, method, request, bytes)

    def _prepare(self, kind, method, request, on_wire):
        service, name = method.rsplit(".", 1)
        full_service = service if "." in service else f"usher.v1.{service}"
        described = self._pool.FindServiceByName(full_service).methods_by_name[name]
        message = self._factory.GetPrototype(described.input_type)()
        answer = self._factory.GetPrototype(described.output_type)
        invoke = kind(f"/{full_service}/{name}",
                      request_serializer=lambda m: on_wire(m.SerializeToString()),
                      response_deserializer=answer.FromString)
        return invoke, json_format.ParseDict(request, message)

    def wait_until_serving(self, seconds):
        """Returns whether grpc.health.v1 said SERVING in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.call("grpc.health.v1.Health.Check", {}).status == 1:
                    return True
            except Refused:
                pass
            time.sleep(0.1)
        return False

    def _details(self, error):
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                status = self.message_type("google.rpc.Status").FromString(value)
                return [self._unpacked(detail) for detail in status.details]
        return []

    def _unpacked(self, any_message):
        kind = any_message.type_url.rsplit("/", 1)[-1]
        return self.message_type(kind).FromString(any_message.value)


def _compile(folder):
    protos = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.proto"))
    run = subprocess.run(
        ["protoc", "-I", str(folder), "-I", "/usr/include", "--include_imports",
         "--descriptor_set_out=/dev/stdout", *protos],
        stdout=subprocess.PIPE, check=True)
    return descriptor_pb2.FileDescriptorSet.FromString(run.stdout)
