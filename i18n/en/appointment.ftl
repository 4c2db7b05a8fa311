# One appointment: seen, moved, held another way, called off.
appointment-title = Appointment
appointment-off = The appointment is called off.
appointment-who = Who
appointment-close = Close the appointment
appointment-correct = See or correct
appointment-move = Move
appointment-minutes = Minutes
appointment-move-now = Move the appointment
appointment-convert = Meet another way
appointment-cancel = Call off
appointment-by = For whom did it not work out?
appointment-why = What were you told?
appointment-cancel-now = Call off the appointment
appointment-messages = Messages
appointment-told = message sent
appointment-telling = message on its way
appointment-in-doubt = not sure the message arrived
appointment-not-told = the message was not sent
appointment-untold = has not been told
appointment-series = Call off { $count ->
    [one] the last appointment
   *[other] the next { $count } appointments
} of the series too
