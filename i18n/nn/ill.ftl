# I am ill today: the rest of the day in one form.
ill-heading = Eg er sjuk i dag
ill-text = Vel kva som skal skje med kvar time som er att i dag.
ill-nothing = Du har ingen timar att i dag.
ill-cancel = Avlys
ill-phone = Ta han på telefon
ill-hand = Gi han til { $name }
ill-leave = La han stå
ill-do = Endre timane
ill-cancelled = Avlyst.
ill-by-phone = På telefon.
ill-handed = Gitt vidare.
ill-left = Står som før.
ill-not-free = Kollegaen er oppteken då. Timen står som før.
ill-well = God betring.
