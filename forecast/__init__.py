"""What will be needed: school places, teachers, places for seniors, entrants to higher education, each with its error.

Every forecast is made in three ways — by cohorts, by exponential smoothing, by repeating the last value — and each is
held against years that have already come. What is published is the way that erred least, with how much it erred.
"""
