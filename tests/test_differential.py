"""The proof of the read plan: random queries get the same answer from the plan and from the reference."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from graphql import build_schema
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from asking import BAD_USER_INPUT, ask
from random_data import fill
from random_queries import Question, questions
from reference import Reference, RefusedError
from resolvers.database import Database, create_engine
from schema import schema
