"""Every text field of every request, with what does not belong in it."""

import re
import unittest

from api_requests import filled, is_text, name, paths, unary_methods
from harness import SERVICE, Refused, ServerTest, as_user

# What the server fills in; what a request has there is ignored.
OUTPUT_ONLY = {
    "invitation": {"id", "organization_id", "inviter.user_id", "inviter.display_name",
                   "delivery.detail", "user_id", "etag"},
    "membership": {"organization_id", "user_id", "organization_display_name", "email",
                   "first_name", "last_name", "invitation_id", "etag"},
    "user": {"id", "etag"},
    "organization": {"id", "etag"},
    "site": {"id", "organization_id", "etag"},
    "site_group": {"id", "organization_id", "etag"},
}
OUTPUT_ONLY["invitations"] = OUTPUT_ONLY["invitation"]
# What else is not looked at, or is answered by a reason of its own.
ELSEWHERE = {"PreviewInvitation token", "AcceptInvitation token", "DeclineInvitation token",
             "DeclineInvitation decliner.first_name", "DeclineInvitation decliner.last_name",
             "DeclineInvitation decliner.locale", "UpdateSiteGroup site_group.site_ids"}
# Bytes that are text nowhere. Line breaks are text in notes and descriptions.
CONTROLS = {"NUL": "a\0b", "escape": "a\x1bb", "right-to-left override": "a\u202eb",
            "delete": "a\x7fb"}
LINES = "x\r\ny"
WHERE_LINES_ARE_TEXT = {"note", "description"}
TOO_LONG = "x" * 20000
INVALID_ARGUMENT = 3
# Methods that only users call.
OF_USERS = {"GetSelf", "LeaveOrganization", "ListMyInvitations"}
FINE = ("NOT_FOUND", "ALREADY_EXISTS", "FAILED_PRECONDITION", "PERMISSION_DENIED", "ABORTED")


class FieldsTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Acme")
        site = cls.call("OrganizationDirectory.CreateSite",
                        {"organization_id": cls.org, "site": {"name": "Berlin"}}).site
        group = cls.call("OrganizationDirectory.CreateSiteGroup",
                         {"organization_id": cls.org, "site_group": {"name": "North"}}).site_group
        invitation = cls.invite(cls.org, cls.ann, "ben@example.com").invitation
        cls.ids = {"organization_id": cls.org, "user_id": cls.ann, "site_id": site.id,
                   "site_group_id": group.id, "invitation_id": invitation.id,
                   "token": "usht_x"}

    def fields(self):
        """Each text field that is read: its method, its path, and how a request has a value there."""
        for method, descriptor in unary_methods(self.client):
            for path in paths(descriptor.input_type, is_text):
                if (name(path[1:]) in OUTPUT_ONLY.get(path[0].name, ())
                        or f"{descriptor.name} {name(path)}" in ELSEWHERE):
                    continue
                yield method, path, self.request(descriptor, path)

    def request(self, descriptor, path):
        """Changes are only decided, so that each call finds things as the one before did."""
        decided = {"validate_only": True} \
            if "validate_only" in descriptor.input_type.fields_by_name else {}
        return lambda value: {**filled(descriptor, self.ids, path, value), **decided}

    def outcome(self, method, request):
        """The code, and the fields that were refused, without the numbers of elements."""
        by = as_user(self.ann) if method.rsplit(".")[-1] in OF_USERS else SERVICE
        try:
            answer = self.call(method, request, by)
        except Refused as refused:
            fields = [re.sub(r"\[[^]]*\]", "", text.split(": ")[0]) for text in refused.violations]
            return refused.code, fields
        rows = self.rows(answer)
        return "INVALID_ARGUMENT" if rows else "OK", rows

    @staticmethod
    def rows(answer):
        """The fields that rows of a batch were refused for: their sentences begin with them."""
        fields = []
        for row in getattr(answer, "results", ()):
            error = getattr(row, "error", None)
            if error is not None and error.code == INVALID_ARGUMENT:
                fields.append(re.sub(r"\[[^]]*\]", "", error.message.split(" ")[0]))
        return fields

    def test_r14_control_characters_are_refused_by_the_field_s_name(self):
        asked = 0
        for method, path, request in self.fields():
            values = dict(CONTROLS)
            if path[-1].name not in WHERE_LINES_ARE_TEXT:
                values["line break"] = LINES
            for what, value in values.items():
                with self.subTest(method=method, field=name(path), value=what):
                    code, fields = self.outcome(method, request(value))
                    if code == "UNIMPLEMENTED":
                        continue
                    self.assertEqual(code, "INVALID_ARGUMENT")
                    self.assertTrue(any(field.startswith(name(path)) for field in fields), fields)
                    asked += 1
        self.assertGreater(asked, 300)

    def test_what_is_too_long_is_refused_by_the_field_s_name(self):
        for method, path, request in self.fields():
            with self.subTest(method=method, field=name(path)):
                code, fields = self.outcome(method, request(TOO_LONG))
                if code == "UNIMPLEMENTED":
                    continue
                self.assertEqual(code, "INVALID_ARGUMENT")
                self.assertTrue(any(field.startswith(name(path)) for field in fields), fields)

    def test_text_that_is_not_utf_8_is_refused_by_the_field_s_name(self):
        marker = "MARKER"
        for method, path, request in self.fields():
            with self.subTest(method=method, field=name(path)):
                refused = self.refused(
                    method, request(marker),
                    on_wire=lambda text: text.replace(marker.encode(), b"\xff\xfe\xc0\x80\xed\xa0"))
                if refused.code == "UNIMPLEMENTED":
                    continue
                fields = [re.sub(r"\[[^]]*\]", "", text.split(": ")[0])
                          for text in refused.violations]
                if method.rsplit(".")[-1] not in OF_USERS:
                    self.assertEqual((refused.code, fields), ("INVALID_ARGUMENT", [name(path)]))

    def test_wildcards_and_quotes_are_text(self):
        for method, path, request in self.fields():
            for value in ("%", "_", "\\", "'; --", '"', "%_\\%", "", "   "):
                with self.subTest(method=method, field=name(path), value=value):
                    code, _ = self.outcome(method, request(value))
                    self.assertIn(code, ("OK", "INVALID_ARGUMENT", "UNIMPLEMENTED") + FINE)


if __name__ == "__main__":
    unittest.main()
