# What a young person asks for, and the page of those who may read it.
request-heading = Is there something you want?
request-back = Back
request-own = What you have asked for
request-more = Ask for something more
request-office = This is read on weekdays between { $from } and { $to }.
request-reader = { $name } reads it.
request-reader-away = { $name } is away now. { $deputy } reads it instead.
request-reader-team = Those who work here read it.
request-team = If nobody has seen it by { $moment }, the others who work here read it too.
request-moment = { $day } at { $time }
request-not-now = Do you need someone now? Do not wait for an answer here. Call:
request-what = What do you want?
request-wish-extra = An extra talk
request-wish-meet = Meet in person rather than on a screen
request-wish-time = Another time
request-line = Do you want to say more?
request-line-help = One short line. You can leave it empty.
request-may-ring = It is all right that you call me
request-send = Send
request-not-wish = Choose what you want. Nothing has been sent yet, and what you wrote is still here.
request-not-long = That is a little long: { $written } characters, and there is room for { $most }. Nothing is lost. Make it a little shorter, and say the rest when you talk.
request-not-many = You have asked for { $most } things that are not answered yet. They are not forgotten. Wait for an answer, or take one of them back.
request-own-asked = Sent, not read yet. If nobody has seen it by { $moment }, the others who work here read it too.
request-own-team = Sent, not read yet. Everybody who works here can read it now.
request-own-ring = Seen by { $name }, who will call you.
request-own-book = Seen by { $name }, who will find a time for you.
request-own-answered = Answered by { $name }.
request-own-withdrawn = You took it back.
request-withdraw = Take back
request-instead = The appointment { $day } at { $time } is called off. { $name } talks with adults around you then. You can ask { $name } what they talk about.
request-link = Is there something you want? Ask here
request-ring-me = I would rather be rung
request-other-time = I would rather have another time
request-meet = I would rather meet in person
request-title = Request
request-list = Requests
request-says = { $count ->
    [one] One request is not read.
   *[other] { $count } requests are not read.
}
request-unread = Not read
request-open = Read
request-age-now = just now
request-age-minutes = { $count ->
    [one] 1 minute ago
   *[other] { $count } minutes ago
}
request-age-hours = { $count ->
    [one] 1 hour ago
   *[other] { $count } hours ago
}
request-age-days = { $count ->
    [one] 1 day ago
   *[other] { $count } days ago
}
request-why-deputy = You read for { $name }
request-why-team = Open to everybody here: nobody has seen it in time
request-from = From
request-sent = Sent
request-her-line = In their own words
request-ring = Calling
request-ring-yes = It is all right to call
request-ring-no = Do not call: nobody has said that it is all right
request-so-far = So far
request-seen = Seen by { $name }
request-seen-ring = Seen by { $name }: will call
request-seen-book = Seen by { $name }: will find a time
request-answer = Answer
request-answer-help = The young person sees that it was seen, your first name and what comes.
request-do-ring = Answer: I will call
request-do-book = Answer: an appointment is coming
request-do-answered = Mark as answered
request-book = Book an appointment
request-closed = This was answered or taken back.
request-not-open = It was answered or taken back meanwhile. Nothing of yours was saved.
