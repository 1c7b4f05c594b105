"""The pages of a list of people, shared by whoever manages seats: the buyer, and the course house's owner."""
