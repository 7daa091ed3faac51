from .first_step import OneStep, one_step
