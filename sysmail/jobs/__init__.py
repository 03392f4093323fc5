"""Jobs: what pages ask of the worker, so that no request waits for the network."""

from sysmail.jobs.asking import ask, find, values_of
from sysmail.jobs.job import DONE, LOST, REPLACED, RUNNING, WAITING, Job
from sysmail.jobs.keeping import forget
from sysmail.jobs.runner import Handler, JobRunner, Report

__all__ = [
    "DONE",
    "LOST",
    "REPLACED",
    "RUNNING",
    "WAITING",
    "Handler",
    "Job",
    "JobRunner",
    "Report",
    "ask",
    "find",
    "forget",
    "values_of",
]
