"""What behaviour says, at one date: payment, contact, repairs, cases, service use, occupancy, place."""
