# The crisis panel, for hosts alone: whom to ring, what was agreed, whom to tell, what was done and when.
crisis-title = If it is urgent
crisis-lead = The talk goes on meanwhile. If you share your screen, this is shown too.
crisis-mute = Turn off your microphone
crisis-unmute = Turn your microphone on again
# What was agreed
crisis-near = Who is nearby
crisis-adult-may = You have agreed that { $name } may be called.
crisis-adult-no-number = The number is not in the agreement.
crisis-adult-may-not = You have agreed that { $name } is not called.
crisis-adult-number = The number in the agreement is { $number }.
crisis-adult-none = The agreement names no adult. Ask where the young person is now, and who is nearby.
crisis-not-agreed = There is no agreement to show here. Ask where the young person is now, and who is nearby.
crisis-hard = When it gets hard, this helps:
crisis-hard-none = The agreement does not say what helps when it gets hard.
crisis-reach-message = Between appointments you reach the young person by message.
crisis-reach-call = Between appointments you reach the young person by telephone.
crisis-reach-mail = Between appointments you reach the young person by mail.
crisis-reach-adult = Between appointments you reach the young person through the adult nearby.
crisis-answers = Usually answers: { $when }
# Numbers
crisis-numbers = Call
crisis-no-child-welfare = The number of the child-welfare emergency service is not entered here. The emergency line for children and young people, { $number }, answers day and night.
# Whom to tell
crisis-tell = I must tell someone
crisis-tell-first = Tell the young person first, if that is possible and safe.
crisis-route-now = Somebody is in danger now: give the help that cannot wait, and call the emergency services when it takes that to prevent serious harm.
crisis-route-now-law = Health Personnel Act §§ 7 and 31
crisis-route-avert = A serious crime can still be averted: tell the police, or avert it another way. This duty is everybody’s.
crisis-route-avert-law = Penal Code § 196
crisis-route-welfare = Abuse, serious neglect or serious behaviour problems of somebody under 18: report to child welfare on your own initiative. If it is urgent, call the child-welfare emergency service.
crisis-route-welfare-law = Health Personnel Act § 33, Child Welfare Act § 13-2
crisis-route-clinic = In your own clinic: whoever is on duty, whoever leads your unit, or whoever is appointed to be responsible for such reports.
crisis-route-clinic-law = Health Personnel Act § 33
crisis-tell-secrecy = The duty to avert and the duty to report go before secrecy.
crisis-tell-doubt = Samrom gives no legal advice. When in doubt, ask whoever is on duty.
# What was done
crisis-done = What has been done?
crisis-done-text = Press when it is done, and we note the time. You find it again when you close the appointment.
crisis-did-opened = Opened “If it is urgent”
crisis-did-told-her = Told the young person first
crisis-did-adult = Called the adult
crisis-did-emergency = Called { $number }
crisis-did-police = Called the police, { $number }
crisis-did-doctor = Called the out-of-hours doctor, { $number }
crisis-did-child-welfare = Called the child-welfare emergency service
crisis-did-told-child-welfare = Told child welfare
crisis-did-told-clinic = Told somebody in the clinic
crisis-did-stayed = Stayed in the talk
crisis-undo = Undo
crisis-noted = Noted: { $what }, at { $time }.
crisis-undone = Taken away: { $what }.
crisis-waits = waits for the line
crisis-refused = not saved
