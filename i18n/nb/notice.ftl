# How people are told of an hour: in which words, with a link or without, under which sign.
notice-title = Beskjed til dem som skal komme
notice-words = Hva skal det stå?
notice-when = tirsdag kl. 14.30
notice-none = Ingen melding. Jeg sier fra selv.
notice-link = Lenke til rommet
notice-with = Med lenke
notice-without = Uten lenke
notice-sign = Kjennetegnet deres
notice-sign-why = Et ord eller bilde dere har valgt sammen. Det står under meldingen, så de ser at den er fra deg. Ikke bruk navn.
notice-series = I en serie får de beskjed om den første timen nå, og om hver av de andre en uke før.
notice-not-sign = Kjennetegnet har plass til 24 tegn. Gjør det litt kortere.
notice-tell = Gi beskjed
notice-tell-text = De som ikke vet om timen, eller ikke vet hvordan den er nå, får en melding. De som vet det, får ingen.
notice-tell-now = Gi beskjed nå
