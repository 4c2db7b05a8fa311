# How people are told of an hour: in which words, with a link or without, under which sign.
notice-title = Message to those who are to come
notice-words = What shall it say?
notice-when = Tuesday at 14:30
notice-none = No message. I tell them myself.
notice-link = Link to the room
notice-with = With a link
notice-without = Without a link
notice-sign = Your recognition sign
notice-sign-why = A word or picture that you chose together. It stands below the message, so that they see it is from you. Use no names.
notice-series = In a series they hear of the first appointment now, and of each of the others a week before.
notice-not-sign = The recognition sign has room for 24 characters. Make it a little shorter.
notice-tell = Tell them
notice-tell-text = Whoever does not know of the appointment, or not how it is now, gets a message. Whoever knows gets none.
notice-tell-now = Tell them now
