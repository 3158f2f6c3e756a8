#pragma once

// Whether `organization` may not write to the address whose canonical form is `email_key`: mail to
// it came back for good or was called spam (then no organization may), or the person declined and
// asked not to be invited by this one again. SQL expressions both. Such an invitation is refused
// with RECIPIENT_OPTED_OUT.
#define USHER_SUPPRESSED(organization, email_key)                                     \
  "EXISTS (SELECT FROM usher.suppressions barred WHERE barred.email_key = " email_key \
  " AND (barred.organization_id IS NULL OR barred.organization_id = " organization "))"
