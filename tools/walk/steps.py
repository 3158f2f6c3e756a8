"""The steps of the main job, each by real calls."""

from client import SERVICE, Refused, as_user
from mails import wait_for_mail
from report import words

MAIL_SECONDS = 30
SITES = ("Berlin", "Lyon")
GROUPS = {"Europe": SITES}
FOUNDER = {"email": "founder@example.com", "first_name": "Fay", "last_name": "Founder"}
# Roles whose reads are organization-wide, whatever their site access.
EVERYWHERE = ("ROLE_SUPER_USER", "ROLE_SUPER_OBSERVER")


class Walk:
    """Takes the steps in the order of its methods; raises Refused when the rest makes no sense."""

    def __init__(self, client, state, mails, report):
        self._client = client
        self._state = state
        self._mails = mails
        self._report = report
        self._joined = {}   # e-mail → site access, of people who accepted in this walk
        self._members = []  # people who are in

    @property
    def founder(self):
        return as_user(self._state.founder)

    def call(self, method, caller, **request):
        return self._client.call(method, request, caller)

    def in_organization(self, method, caller, **request):
        return self.call(method, caller, organization_id=self._state.organization, **request)

    def name_of(self, enum, number):
        return self._client.enum(f"usher.v1.{enum}").values_by_number[number].name

    def make_organization(self):
        self._report.step("Organization")
        if self._state.organization:
            self._report.fine(f"{self._state.organization} is there already")
            return
        made = self.call("OrganizationDirectory.CreateOrganization", SERVICE,
                         organization={"name": "Example Networks"}, first_super_user=FOUNDER)
        self._state.organization = made.organization.id
        self._state.founder = made.membership.user_id
        self._state.save()
        self._report.fine(f"{made.organization.name} is {made.organization.id}")
        self._report.fine(f"its first Super User {FOUNDER['email']} is {self._state.founder}")

    def make_places(self, people):
        self._report.step("Sites and site groups")
        for name in sorted({*SITES, *(name for person in people for name in person.sites)}):
            self._make_once(self._state.sites, name, self._make_site)
        for name in sorted({*GROUPS, *(name for person in people for name in person.groups)}):
            self._make_once(self._state.groups, name, self._make_group)

    def _make_once(self, known, name, make):
        already = " already" if name in known else ""
        if not already:
            try:
                known[name] = make(name)
            except Refused as refusal:
                self._report.fault(f"{name}: {refusal}")
                return
            self._state.save()
        made = known[name] if isinstance(known[name], str) else known[name]["id"]
        self._report.fine(f"{name} is there{already}: {made}")

    def _make_site(self, name):
        return self.in_organization("OrganizationDirectory.CreateSite", self.founder,
                                    site={"name": name}).site.id

    def _make_group(self, name):
        sites = self._state.sites
        held = [sites[site] for site in GROUPS.get(name, sites) if site in sites]
        draft = {"name": name, "site_ids": held}
        made = self.in_organization("OrganizationDirectory.CreateSiteGroup", self.founder,
                                    site_group=draft).site_group
        return {"id": made.id, "site_ids": list(made.site_ids)}

    def bring_in(self, person):
        self._report.step(f"Line {person.line}: {person.email}")
        missing = [name for name in person.sites if name not in self._state.sites]
        missing += [name for name in person.groups if name not in self._state.groups]
        if missing:
            self._report.fault(f"line {person.line}: there is no {' and no '.join(missing)}")
            return
        try:
            invitation_id = self._invite(person)
            if not invitation_id or self._accept(person, invitation_id):
                self._members.append(person)
        except Refused as refusal:
            self._report.fault(f"line {person.line}: {refusal}")

    def _invite(self, person):
        """The id of the open invitation; nothing for a member."""
        access = self._site_access(person)
        draft = {"email": person.email, "first_name": person.first_name,
                 "last_name": person.last_name, "role": person.role, "site_access": access}
        try:
            made = self.in_organization("InvitationService.CreateInvitation", self.founder,
                                        invitation=draft).invitation
        except Refused as refusal:
            return self._invited_before(refusal)
        self._joined[person.email] = access
        self._report.fine(f"invited as {words(person.role)}: {made.id}")
        return made.id

    def _site_access(self, person):
        if person.all_sites:
            return {"all_sites": True}
        return {"site_ids": [self._state.sites[name] for name in person.sites],
                "site_group_ids": [self._state.groups[name]["id"] for name in person.groups]}

    def _invited_before(self, refusal):
        if refusal.reason == "MEMBER_EXISTS":
            self._report.fine("is a member already")
            return ""
        if refusal.reason != "INVITATION_EXISTS" or "invitation_id" not in refusal.metadata:
            raise refusal
        self._report.fine(f"is invited already: {refusal.metadata['invitation_id']}")
        return refusal.metadata["invitation_id"]

    def _accept(self, person, invitation_id):
        mail = wait_for_mail(self._mails, person.email,
                             lambda mail: self._opens(mail, invitation_id), MAIL_SECONDS)
        if mail is None:
            self._report.fault(f"line {person.line}: no mail came in {MAIL_SECONDS} s")
            return False
        self._report.check({"text/plain", "text/html"} <= set(mail.kinds),
                           f"mail {mail.file.name}, text and HTML: {mail.subject}")
        preview = self._preview(mail)
        self._report.check(preview.email.casefold() == person.email.casefold(),
                           f"preview: {preview.inviter_name} invites {preview.first_name} to "
                           f"{preview.organization_name} as "
                           f"{words(self.name_of('Role', preview.role))}")
        accepted = self.call("InvitationService.AcceptInvitation", SERVICE, token=mail.token,
                             accepter={"email": person.email})
        self._report.fine(f"accepted: member {accepted.membership.user_id}")
        return True

    def _preview(self, mail):
        return self.call("InvitationService.PreviewInvitation", SERVICE, token=mail.token).preview

    def _opens(self, mail, invitation_id):
        """Whether the mail's link is this invitation's; a link replaced since opens nothing."""
        try:
            return self._preview(mail).invitation_id == invitation_id
        except Refused as refusal:
            if refusal.reason in ("INVITATION_INVALID", "INVITATION_EXPIRED", "WRONG_STATE"):
                return False
            raise

    def list_users(self):
        """Shows the directory; returns the entries of the members of the file."""
        self._report.step("Directory")
        entries = {entry.email.casefold(): entry for entry in self._all_entries()}
        for entry in entries.values():
            name = f"{entry.first_name} {entry.last_name}".strip()
            self._report.fine(f"{name} <{entry.email}> "
                              f"{words(self.name_of('Role', entry.role))}, "
                              f"{words(self.name_of('DirectoryStatus', entry.status))}")
        return [entry for entry in (self._member(person, entries) for person in self._members)
                if entry]

    def _all_entries(self):
        token = ""
        while True:
            page = self.in_organization("UserDirectory.ListUsers", self.founder, page_size=100,
                                        page_token=token)
            yield from page.entries
            token = page.next_page_token
            if not token:
                return

    def _member(self, person, entries):
        entry = entries.get(person.email.casefold())
        if entry is None or self.name_of("DirectoryStatus", entry.status).endswith("_SUSPENDED"):
            self._report.fault(f"line {person.line}: {person.email} is no active member")
            return None
        if person.email in self._joined and not self._is_as_invited(person, entry):
            self._report.fault(f"line {person.line}: {person.email} is not what the line says")
        return entry

    def _is_as_invited(self, person, entry):
        access = self._joined[person.email]
        return (self.name_of("Role", entry.role) == person.role
                and entry.site_access.all_sites == access.get("all_sites", False)
                and set(entry.site_access.site_ids) == set(access.get("site_ids", ()))
                and set(entry.site_access.site_group_ids) == set(access.get("site_group_ids", ())))

    def check_access(self, entries):
        self._report.step("Access")
        for entry in entries:
            role = self.name_of("Role", entry.role)
            self._ask(entry, "members.write", "", role == "ROLE_SUPER_USER")
            inside = self._sites_of(entry.site_access)
            for name, site_id in sorted(self._state.sites.items()):
                self._ask(entry, "sites.read", name, role in EVERYWHERE or site_id in inside)

    def _sites_of(self, access):
        if access.all_sites:
            return set(self._state.sites.values())
        in_groups = {site for group in self._state.groups.values()
                     if group["id"] in access.site_group_ids for site in group["site_ids"]}
        return in_groups | set(access.site_ids)

    def _ask(self, entry, permission, site, expected):
        answer = self.in_organization("UserDirectory.CheckAccess", SERVICE, user_id=entry.user_id,
                                      permission=permission,
                                      site_id=self._state.sites.get(site, ""))
        where = f" in {site}" if site else ""
        why = words(self.name_of("AccessReason", answer.reason))
        self._report.check(answer.allowed == expected,
                           f"{entry.email} {permission}{where}: "
                           f"{'yes' if answer.allowed else 'no'} ({why})")
