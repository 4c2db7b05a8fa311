# The rest of an hour by telephone, for its hosts; and the sentence on her own page.
telephone-title = Telephone
telephone-lead = If the line fails, you can take the rest of the appointment by telephone. It is the same appointment.
telephone-agreed = For when the line is lost you have agreed: wait { $minutes } minutes.
telephone-not-agreed = There is no agreement to show here about what you do when the line is lost.
telephone-not-before = If someone came in where the young person is, or the page was closed fast: do not call before the time you agreed on. A ringing phone can give away that you talked.
telephone-hers = The young person
telephone-missing = No telephone number of the young person is entered.
telephone-protected = The address is graded. The number is shown only to those responsible for the young person.
telephone-agreed-otherwise = Something other than ringing the young person was agreed. Ask whoever is responsible.
telephone-quiet-until = You have agreed: wait until { $time }, do not call before.
telephone-quiet = Do not call now. You have not agreed on a call for this.
telephone-text = Press when you change over, and we note the time. You find it again when you close the appointment.
telephone-now = We take the rest by telephone
telephone-noted = Noted: the rest is by telephone from { $time }.
telephone-undone = Removed: the rest is not by telephone.
telephone-may-ring = If the line does not come back, { $name } may call you.
