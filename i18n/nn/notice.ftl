# How people are told of an hour: in which words, with a link or without, under which sign.
notice-title = Beskjed til dei som skal kome
notice-words = Kva skal det stå?
notice-when = tysdag kl. 14.30
notice-none = Inga melding. Eg seier frå sjølv.
notice-link = Lenke til rommet
notice-with = Med lenke
notice-without = Utan lenke
notice-sign = Kjenneteiknet dykkar
notice-sign-why = Eit ord eller bilete de har valt saman. Det står under meldinga, så dei ser at ho er frå deg. Ikkje bruk namn.
notice-series = I ein serie får dei beskjed om den første timen no, og om kvar av dei andre ei veke før.
notice-not-sign = Kjenneteiknet har plass til 24 teikn. Gjer det litt kortare.
notice-tell = Gi beskjed
notice-tell-text = Dei som ikkje veit om timen, eller ikkje veit korleis han er no, får ei melding. Dei som veit det, får inga.
notice-tell-now = Gi beskjed no
