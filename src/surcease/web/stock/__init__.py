"""The controlled-drug ledger: vials by lot, what was drawn, wasted and counted; every balance the sum of movements."""
