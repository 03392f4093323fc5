"""Diagnosis: what a cause means, who must act and what to do, in plain words."""

from sysmail.diagnosis.explain import Explanation, explain

__all__ = ["Explanation", "explain"]
