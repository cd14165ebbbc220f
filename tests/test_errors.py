"""The error tree is complete, distinct and speaks for itself."""

from blogai import errors


def test_codes_and_sqlstates_are_unique() -> None:
    tree = errors.all_errors()
    codes = [cls.code() for cls in tree]
    states = [cls.__dict__["sqlstate"] for cls in tree if cls.__dict__.get("sqlstate")]
    assert len(set(codes)) == len(codes)
    assert len(set(states)) == len(states)
    assert all(state.startswith("Z") and len(state) == 5 for state in states)


def test_docstring_is_the_message_and_remedy_follows() -> None:
    error = errors.QuotaExceeded(remedy="Wait until tomorrow.", used=5)
    assert str(error) == "The quota of your tier is used up. Wait until tomorrow."
    assert error.details == {"used": 5}
    assert error.code() == "quota-exceeded"


def test_sqlstate_finds_the_class() -> None:
    assert errors.from_sqlstate("ZNTFD") is errors.NotFound
    assert errors.from_sqlstate("23505") is None
    assert errors.from_sqlstate(None) is None
