# The same for those who lead the meeting.
host-title-waits = Someone is waiting
# The room
host-still-someone-came-in = Someone came in where { $name } is. Sound and picture are off both ways.
host-confided = { $name } wants to say:
host-place = Today { $name } says: { $what }
host-door-note = I am alone here, and the door is shut.
host-gone-closed-fast = { $name } closed fast.
host-gone-someone-came-in = Someone came in where { $name } is. Sound and picture are off both ways. A phone that rings now may give the two of you away.
host-agreed = You have agreed: wait until { $time }, do not ring before.
host-agreed-no-call = You have agreed: wait until { $time }.
host-left-15 = Less than a quarter of an hour left
host-left-10 = Less than ten minutes left
host-left-5 = Five minutes to land in
host-left-over = The time is up. Nothing stops by itself.
# Hosts
host-assurance-link = not verified, has the link
host-assurance-vouched = verified by a member of staff
host-assurance-signed-in = verified, signed in
host-lobby-away = away from the page right now
host-lobby-not-yet = getting ready …
host-lobby-bad = the device cannot be verified and cannot be let in
host-lobby-under-way = on the way in …
# Her yes
host-ask-first = Ask { $names }
host-her-not-here = The person whose appointment it is is not in the room and cannot be asked. Until then you cannot let a parent in.
host-her-to-ask = { $names } will be asked first, and sees who is waiting. The one who waits is not told.
host-her-asked = { $names } has been asked. The answer comes here.
host-her-say-first = { $names } wants to agree with you on what to say first, and answers after that.
host-her-not-today = { $names } says: not today. Only { $names } can change that. The one who waits sees only "not yet".
host-her-yes = { $names } says yes. You can let in.
host-her-yes-when-back = { $names } says yes, but is out of the room. Let in when { $names } is back.
host-without-asked = { $name } has been asked for some minutes alone with the others.
host-without-stays = { $name } stays, and has said no to some minutes alone with the others.
host-without-agreed = { $name } has stepped out with a yes. Those who came in after a yes may stay until { $name } is back.
host-rejected-she-decides = This needs a yes first. The answer stands beside the one who waits.
host-rejected-she-is-not-here = The person whose appointment it is is not in the room and cannot be asked.
