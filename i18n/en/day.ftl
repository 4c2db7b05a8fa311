# The clinician's day.
day-title = My day
day-waiting-heading = { $count ->
    [one] One person is waiting
   *[other] { $count } people are waiting
}
day-waiting-since = since { $time }
day-waiting-open = Go to the room
day-waiting-none = Nobody is waiting now.
day-look-again = Look again
day-list-heading = Today
day-none = No meetings today.
day-show-name = Show name
day-state-planned = Planned
day-state-now = Now
day-state-open = Open now
day-state-ended = Ended
day-open = Open the room
day-reopen = Open again
day-reopen-which = Open the hour { $time } again
day-back-in = Back to the room
day-new-link = New link
day-new-link-for = New link for { $initials }
day-link-heading = New link
day-link-text = The link is for { $name }. The one before does not work any more.
day-link-once = We show the new one only now. If you close the page, you make a new one in one tap.
day-link-message = A message you can send
day-link-sms = Hi! See you { $day } at { $time }. Feel free to come a little early: { $link } – { $sign }
day-link-sms-unsigned = Hi! See you { $day } at { $time }. Feel free to come a little early: { $link }
day-link-without = Or without a link, when others may read the message
day-link-plain = Hi! See you { $day } at { $time }. – { $sign }
day-link-plain-unsigned = Hi! See you { $day } at { $time }.
day-link-code = Or let the phone read the code
day-link-back = Back to the day
day-book = New appointment
day-change = See or change
day-change-which = See or change the appointment { $time }
day-state-cancelled = Called off
day-on-screen = On the screen today: { $minutes } minutes.
day-not-closed = Not closed yet
day-late = I am five minutes late
day-ill = I am ill today
