"""The landlords of one installation, each with a workspace of its own. Staff of one never see another's."""
