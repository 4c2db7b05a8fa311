# The page behind a personal link, before anything has happened.
link-heading = Hei. Du er på rett stad.
link-invites = { $who } har invitert deg.
link-when = { $day } kl. { $time }
link-unseen = Ingen ser eller høyrer deg enno.
link-sign = Kjenneteikn
link-sign-text = Kjenneteiknet har de valt saman. Er det feil, så spør før du går inn.
link-next = Når du trykkjer, kjem du til venterommet. Der kan du velje bilete eller berre lyd, og du ventar til du blir sleppt inn.
link-button = Gå til venterommet
link-not-you = Er ikkje lenka til deg? Då kan du berre lukke sida.
link-gone-heading = Denne lenka verkar ikkje lenger
link-gone-text = Du har ikkje gjort noko gale. Lenker sluttar å verke når timen er over, eller når det er sendt ei ny.
link-gone-next = Sjå om du har fått ei nyare melding, eller be den du skal møte, om ei ny lenke. Det tek dei eitt trykk.
