# What R's survey package says of a sample: one line for each figure, its name and its value.
#
#     Rscript tests/oracles/survey.R FOLDER
#
# FOLDER holds sample.csv, margins.csv, cells.csv and totals.csv as tests/lib/survey_data.py writes them.
# Written for survey 4.1 (Debian 12: r-cran-survey and r-cran-mass). Only what it prints is kept.
suppressMessages(library(survey))
folder <- commandArgs(trailingOnly = TRUE)[1]
sample <- read.csv(file.path(folder, "sample.csv"), stringsAsFactors = TRUE)
margins <- read.csv(file.path(folder, "margins.csv"), stringsAsFactors = FALSE)
cells <- read.csv(file.path(folder, "cells.csv"), stringsAsFactors = TRUE)
totals <- read.csv(file.path(folder, "totals.csv"))
sample$yes <- as.numeric(sample$answer %in% c("very_satisfied", "fairly_satisfied"))
sample$yes[is.na(sample$answer)] <- NA

say <- function(name, value) cat(name, "\t", sprintf("%.15g", as.numeric(value)), "\n", sep = "")
both <- function(name, result) { say(name, coef(result)); say(paste0(name, ".se"), SE(result)) }
weights_of <- function(name, design) {
  w <- weights(design)
  for (i in c(1, 2, 50, 101, 240)) say(paste0(name, ".w", i), w[i])
  say(paste0(name, ".sum_squares"), sum(w^2))
}
margin <- function(field) {
  rows <- margins[margins$field == field, ]
  targets <- setNames(rows$target, paste0(field, rows$category))
  targets[paste0(field, levels(sample[[field]]))]
}

clustered <- svydesign(ids = ~building, strata = ~area, weights = ~weight, data = sample, nest = TRUE)
finite <- svydesign(ids = ~building, strata = ~area, weights = ~weight, fpc = ~n_buildings, data = sample, nest = TRUE)
rows <- svydesign(ids = ~1, strata = ~area, weights = ~weight, data = sample)

mean_rent <- svymean(~rent, clustered, deff = TRUE)
both("clustered.mean", mean_rent); say("clustered.mean.deff", deff(mean_rent))
total_rent <- svytotal(~rent, clustered, deff = TRUE)
both("clustered.total", total_rent); say("clustered.total.deff", deff(total_rent))
both("clustered.ratio", svyratio(~rent, ~rooms, clustered))
both("clustered.score", svymean(~score, clustered, na.rm = TRUE))
interval <- confint(mean_rent, df = degf(clustered))
say("clustered.mean.low", interval[1]); say("clustered.mean.high", interval[2])
say("clustered.df", degf(clustered))
both("finite.mean", svymean(~rent, finite))
both("rows.mean", svymean(~rent, rows))
shares <- svymean(~answer, clustered, na.rm = TRUE)
for (i in seq_along(shares)) { say(names(shares)[i], coef(shares)[i]); say(paste0(names(shares)[i], ".se"), SE(shares)[i]) }
for (how in c("logit", "beta")) {
  found <- svyciprop(~yes, subset(clustered, !is.na(yes)), method = how)
  say(paste0("yes.", how), coef(found))
  say(paste0("yes.", how, ".low"), confint(found)[1]); say(paste0("yes.", how, ".high"), confint(found)[2])
}
by_sex <- svyby(~rent, ~sex, clustered, svymean)
say("by.f", by_sex["f", "rent"]); say("by.f.se", by_sex["f", "se"])
say("by.m", by_sex["m", "rent"]); say("by.m.se", by_sex["m", "se"])

population <- c(`(Intercept)` = sum(margin("sex")), margin("sex")[-1], margin("age")[-1], margin("tenure")[-1])
for (kind in c("clustered", "rows", "finite")) {
  raked <- calibrate(get(kind), ~sex + age + tenure, population, calfun = "raking", epsilon = 1e-13, maxit = 500)
  weights_of(paste0("raked.", kind), raked)
  both(paste0("raked.", kind, ".mean"), svymean(~rent, raked))
  both(paste0("raked.", kind, ".total"), svytotal(~rent, raked))
  both(paste0("raked.", kind, ".score"), svymean(~score, raked, na.rm = TRUE))
  sexes <- svyby(~rent, ~sex, raked, svymean)
  say(paste0("raked.", kind, ".by.f.se"), sexes["f", "se"])
}
# R's own sweeps, run to the end, give the same weights; its standard error is another story.
sweeps <- rake(rows, list(~sex, ~age, ~tenure), lapply(c("sex", "age", "tenure"), function(f)
  setNames(data.frame(margins$category[margins$field == f], margins$target[margins$field == f]), c(f, "Freq"))),
  control = list(maxit = 2000, epsilon = 1e-12))
weights_of("sweeps", sweeps)

linear <- calibrate(clustered, ~sex + age + rooms, c(population[1:5], rooms = totals$rooms), epsilon = 1e-12)
weights_of("linear", linear)
both("linear.mean", svymean(~rent, linear)); both("linear.total", svytotal(~rent, linear))

strata <- postStratify(clustered, ~sex + age, cells)
weights_of("post", strata)
both("post.mean", svymean(~rent, strata)); both("post.total", svytotal(~rent, strata))
both("post.ratio", svyratio(~rent, ~rooms, strata))

jack <- as.svrepdesign(clustered, type = "JKn")
both("jackknife.mean", svymean(~rent, jack)); both("jackknife.ratio", svyratio(~rent, ~rooms, jack))
jack_finite <- as.svrepdesign(finite, type = "JKn")
both("jackknife.finite.mean", svymean(~rent, jack_finite))
jack_raked <- calibrate(jack, ~sex + age + tenure, population, calfun = "raking", epsilon = 1e-13, maxit = 500)
both("jackknife.raked.mean", svymean(~rent, jack_raked)); both("jackknife.raked.total", svytotal(~rent, jack_raked))

alone <- sample[!(sample$area == "N" & sample$building != "b0"), ]
lonely <- svydesign(ids = ~building, strata = ~area, weights = ~weight, data = alone, nest = TRUE)
for (how in c("adjust", "certainty")) {
  options(survey.lonely.psu = how)
  both(paste0("lonely.", how, ".mean"), svymean(~rent, lonely))
  both(paste0("lonely.", how, ".total"), svytotal(~rent, lonely))
}
