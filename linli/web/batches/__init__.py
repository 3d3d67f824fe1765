"""The officers' pages of batches: forms, the next step of each, tables for spreadsheets."""
