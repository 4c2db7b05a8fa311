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
# Hosts
host-assurance-link = not verified, has the link
host-assurance-vouched = verified by a member of staff
host-assurance-signed-in = verified, signed in
host-lobby-away = away from the page right now
host-lobby-not-yet = getting ready …
host-lobby-bad = the device cannot be verified and cannot be let in
host-lobby-under-way = on the way in …
