"""Inputs written quickly are those WTForms writes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from wtforms import Form, HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import html_params

from sysmail.web.inputs import QuickInputs, attributes

_NAMES = st.sampled_from(["class", "class_", "for_", "id", "value", "data_unit", "aria_label"])
_VALUES = st.one_of(
    st.booleans(),
    st.integers(),
    st.text(alphabet="ab<>&'\" é"),
    st.text(alphabet="ab<>&'\" é").map(Markup),
)


class _Fields:
    text = StringField("Text", [DataRequired(), Length(max=9)], render_kw={"data_unit": 'a"<'})
    password = PasswordField("Password")
    hidden = HiddenField("")


class _Slow(_Fields, Form):  # type: ignore[misc]
    pass


class _Quick(_Fields, Form):  # type: ignore[misc]
    Meta = QuickInputs


@given(st.dictionaries(_NAMES, _VALUES))
def test_attributes_are_escaped_as_the_library_does(values: dict[str, object]) -> None:
    assert attributes(**values) == html_params(**values)


def test_each_kind_of_input_is_the_same_markup() -> None:
    typed = {"text": '"><script>', "password": "secret", "hidden": "'&"}
    slow, quick = _Slow(data=typed), _Quick(data=typed)
    shown = [str(field(class_="wide", **{"aria-invalid": "true"})) for field in quick]
    assert shown == [str(field(class_="wide", **{"aria-invalid": "true"})) for field in slow]
    assert len(shown) == 3
    assert "secret" not in shown[1]
