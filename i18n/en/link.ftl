# The page behind a personal link, before anything has happened.
link-heading = Hello. You are in the right place.
link-invites = { $who } has invited you.
link-when = { $day } at { $time }
link-unseen = Nobody sees or hears you yet.
link-sign = Your sign
link-sign-text = You chose your sign together. If it is wrong, ask before you go in.
link-next = When you press, you come to the waiting room. There you can choose picture or sound only, and you wait until you are let in.
link-button = Go to the waiting room
link-not-you = Is the link not for you? Then just close the page.
link-gone-heading = This link does not work any more
link-gone-text = You have done nothing wrong. Links stop working when the meeting is over, or when a new one was sent.
link-gone-next = See whether you have a newer message, or ask the person you are meeting for a new link. It takes them one tap.
