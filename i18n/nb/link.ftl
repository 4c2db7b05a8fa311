# The page behind a personal link, before anything has happened.
link-heading = Hei. Du er på rett sted.
link-invites = { $who } har invitert deg.
link-when = { $day } kl. { $time }
link-unseen = Ingen ser eller hører deg ennå.
link-sign = Kjennetegn
link-sign-text = Kjennetegnet har dere valgt sammen. Er det feil, så spør før du går inn.
link-next = Når du trykker, kommer du til venterommet. Der kan du velge bilde eller bare lyd, og du venter til du blir sluppet inn.
link-button = Gå til venterommet
link-not-you = Er ikke lenken til deg? Da kan du bare lukke siden.
link-gone-heading = Denne lenken virker ikke lenger
link-gone-text = Du har ikke gjort noe galt. Lenker slutter å virke når timen er over, eller når det er sendt en ny.
link-gone-next = Se om du har fått en nyere melding, eller be den du skal møte, om en ny lenke. Det tar dem ett trykk.
