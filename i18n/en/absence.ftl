# When a clinician is away, and who reads requests meanwhile.
absence-link = I am away
absence-title = I am away
absence-text = While you are away, a colleague reads what your young people ask for. They are told who it is.
absence-standing = Entered
absence-when = From { $from } to { $to }
absence-deputy-is = { $name } reads for you
absence-end = Remove
absence-from = First day
absence-to = Last day
absence-deputy = Who reads for you?
absence-send = Save
absence-nobody = There is no colleague to choose yet. Requests that nobody has seen in time are read by everybody who works here.
absence-not-days = Write the first and the last day. Nothing is saved yet.
absence-not-backwards = The last day is before the first. Nothing is saved yet.
absence-not-past = That time is over. Choose days from today on. Nothing is saved yet.
absence-not-long = That is longer than a year. Choose a shorter time. Nothing is saved yet.
absence-not-many = Many absences are entered already. Remove one of them first. Nothing is saved yet.
