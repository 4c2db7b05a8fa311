# The administrator's pages: who works here, whom one works with, whom to call.
admin-link = Administration
admin-title = Administration
admin-back = To the administration
admin-more = More
admin-staff = Those who work here
admin-new = Add somebody who works here
admin-no-role = No role
admin-no-passkey = has no passkey
admin-partners = Those we work with
admin-partners-text = Institutions, municipalities, schools and others that professionals and staff come from.
admin-people-count = { $count ->
    [one] one person
   *[other] { $count } people
}
admin-partner-new = Add an organisation
admin-partner-title = Organisation
admin-partner-text = Those who come from here as professionals or staff. They get a link to each appointment and need not sign in.
admin-partner-theirs = This organisation has an administrator of its own, who adds and changes.
admin-partner-nobody = Nobody has been added yet.
admin-partner-person = Add a person from here
admin-rename = Change name and kind
admin-place-name = Name
admin-place-kind = Kind of organisation
admin-kind-clinic = Clinic
admin-kind-institution = Institution
admin-kind-municipality = Municipality
admin-kind-school = School
admin-kind-other = Other
admin-member-title = Member of staff
admin-roles = Roles
admin-roles-save = Save the roles
admin-role-administrator = Enters people and gives roles. Sees no young people.
admin-role-clinician = Has young people on a list, books and holds appointments.
admin-role-leader = As a clinician.
admin-role-care-worker = Takes part in appointments. Has no list.
admin-role-support = Helps with the technology. Has no list.
admin-access = Access
admin-passkeys = { $count ->
    [0] Has no passkey.
    [one] Has one passkey.
   *[other] Has { $count } passkeys.
}
admin-sign-ins = { $count ->
    [0] Is not signed in.
    [one] Is signed in in one place.
   *[other] Is signed in in { $count } places.
}
admin-link-waits = A link that was not used works until { $day } at { $time }.
admin-link-text = With a one-time link the person makes a passkey: the first one, or a new one for one that was lost. A new link takes the place of older ones.
admin-link-keep = Let the passkeys that there are go on working
admin-link-make = Make a one-time link
admin-link-title = One-time link
admin-link-for = For { $name }.
admin-link-until = The link works until { $day } at { $time }, and only once.
admin-link-once = We show it only now.
admin-link-label = The link
admin-link-hand = Hand it over in person, or in a way that only the person reads. Whoever has the link can sign in as the person.
admin-link-ends = When it is used, older passkeys and sign-ins stop working.
admin-link-keeps = The passkeys that there are go on working.
admin-link-back = Back to the person
admin-change = Change name, language and messages
admin-end-fold = Sign out, or end access
admin-sign-out-text = Signs the person out everywhere. The passkeys go on working. Whoever is in a meeting is out of it.
admin-sign-out = Sign out everywhere
admin-end-text = Everything ends at once: passkeys, sign-ins, links and roles. The name stays, and you can give access again later.
admin-end = End access
admin-alone = { $count ->
    [one] One young person has nobody else responsible. If this person leaves, a colleague can take over. You do not see who it is.
   *[other] { $count } young people have nobody else responsible. If this person leaves, a colleague can take over. You do not see who they are.
}
admin-list-to = Colleague who takes over
admin-list-give = Make the colleague responsible
admin-helplines = Telephone numbers and own texts
admin-helplines-text = Where a field is empty we show what holds otherwise. The numbers stand on the front page, on the help page and on the page after the appointment. The police and whoever is on duty stand with the clinicians only, under “If it is urgent”.
admin-number = Number
admin-hours = When somebody answers
admin-line-child-line = Emergency line for children and young people
admin-line-doctor = Out-of-hours doctor
admin-line-emergency = Danger to life
admin-line-police = The police
admin-line-child-welfare = The local child-welfare emergency service
admin-line-clinic = Us
admin-line-duty = Whoever is on duty with us
admin-line-support = Help with the technology
admin-says = Own texts
admin-says-text = 280 characters at most, text only. Where Nynorsk or English is missing we show Bokmål.
admin-says-out-of-hours = When somebody needs help out of hours
admin-says-requests-read = When messages to you are read
admin-log = Who came to access
admin-log-text = The last changes of roles and access. Nothing about young people stands here.
admin-log-none = No changes yet.
admin-log-when = { $day } at { $time }
admin-log-operator = the operator
admin-log-role-granted = Given a role
admin-log-role-ended = Role ended
admin-log-link-made = One-time link made
admin-log-link-used = One-time link used
admin-log-link-revoked = One-time link taken away
admin-log-passkey-added = Passkey made
admin-log-passkey-removed = Passkey removed
admin-log-organization-added = Organisation added
admin-log-organization-changed = Organisation changed
admin-log-helplines = Numbers or texts changed
admin-not-name = Write a name with 120 characters at most, without signs such as < and >.
admin-not-kind = Choose the kind of organisation.
admin-not-last = Nobody would be administrator here any more. Give somebody else the role first.
admin-not-elsewhere = The person has a role in another organisation as well. Ask those who run Samrom to make the link.
admin-not-number = Write a number that can be dialled, with digits and spaces only.
admin-not-short = The text is too long.
admin-not-plain = The text can have no line break and no signs such as < and >.
