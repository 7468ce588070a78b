# Writes the data that come with R's survey package to a folder, for one comparison, and prints one figure.
suppressMessages(library(survey))
folder <- commandArgs(trailingOnly = TRUE)[1]
data(api)
keep <- c("stype", "sch.wide", "dnum", "api00", "enroll", "pw", "fpc")
write.csv(apiclus1[, keep], file.path(folder, "apiclus1.csv"), row.names = FALSE)
write.csv(apistrat[, keep], file.path(folder, "apistrat.csv"), row.names = FALSE)
strata <- svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = apistrat)
totals <- c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, sch.wideYes = 5122)
raked <- calibrate(strata, ~stype + sch.wide, totals, calfun = "raking", epsilon = 1e-13, maxit = 500)
cat("apistrat.raked.se\t", sprintf("%.15g", SE(svymean(~api00, raked))), "\n", sep = "")
