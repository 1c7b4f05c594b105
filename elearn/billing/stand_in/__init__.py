"""A stand-in for Stripe: keeps payments, answers as its API does, sends signed webhooks, has pages to click through.

`elearn serve` runs it beside the demo, and the tests run it as a peer. It ends in the same webhook as Stripe itself.
"""
