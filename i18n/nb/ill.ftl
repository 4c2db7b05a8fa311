# I am ill today: the rest of the day in one form.
ill-heading = Jeg er syk i dag
ill-text = Velg hva som skal skje med hver time som er igjen i dag.
ill-nothing = Du har ingen timer igjen i dag.
ill-cancel = Avlys
ill-phone = Ta den på telefon
ill-hand = Gi den til { $name }
ill-leave = La den stå
ill-do = Endre timene
ill-cancelled = Avlyst.
ill-by-phone = På telefon.
ill-handed = Gitt videre.
ill-left = Står som før.
ill-not-free = Kollegaen er opptatt da. Timen står som før.
ill-well = God bedring.
