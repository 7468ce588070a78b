"""Recording what a customer says: questions, answers, objections, and taking an answer back."""
