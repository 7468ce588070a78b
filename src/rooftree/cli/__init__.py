"""The command `rooftree`: thin; everything it does is a function below it."""
