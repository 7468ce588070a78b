"""The frame of every page: templates, form controls, navigation, the landlord's colours."""
