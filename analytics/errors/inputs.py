"""What a person asks for and cannot have: assumptions, links, choices, names."""

from analytics.errors.base import AnalyticsError


class NoDataError(AnalyticsError):
    """Nothing has been imported yet."""

    code = "error.no_data"
    template = "No sales have been imported yet. Import a spreadsheet, or open the sample."


class NoWholePeriodError(AnalyticsError, ValueError):
    """The sales cover no whole week or month that could be looked back upon."""

    code = "error.no_whole_period"
    template = (
        "The sales cover {low} to {high}: no whole week or month yet. Choose a later day, "
        "or come back once one is over."
    )


class OutOfBoundsError(AnalyticsError, ValueError):
    """An assumption lies outside the range that it is meant for."""

    code = "error.out_of_bounds"
    template = "{name} is {value}; it must lie between {low} and {high}."


class UnknownFieldError(AnalyticsError, ValueError):
    """A link or scenario file names an assumption that does not exist."""

    code = "error.unknown_field"
    template = "{name} is not an assumption that Leeway knows; it was not used."


class NotADateError(AnalyticsError, ValueError):
    """A date could not be read."""

    code = "error.not_a_date"
    template = "{name} is {value}; write a date like 2026-05-31."


class UnknownCodeError(AnalyticsError, ValueError):
    """A code is none of those that can be chosen."""

    code = "error.unknown_code"
    template = "{name} is {value}; choose one of {known}."


class TooLongTextError(AnalyticsError, ValueError):
    """A text is longer than what it stands for can be."""

    code = "error.too_long_text"
    template = "{name} is longer than {longest} letters; shorten it."


class EndsBeforeItStartsError(AnalyticsError, ValueError):
    """The last day of a window lies before its first."""

    code = "error.ends_before_it_starts"
    template = "{name} is {ends}, before the window starts on {starts}; choose a later day."


class TooManyScenariosError(AnalyticsError, ValueError):
    """More scenarios are to stand side by side than can be told apart, or none."""

    code = "error.too_many_scenarios"
    template = "{value} scenarios were named; name 1 to {limit} to compare."


class EmptyNameError(AnalyticsError, ValueError):
    """Something is to be kept under a name, and has none."""

    code = "error.empty_name"
    template = "Give it a name first."


class TakenNameError(AnalyticsError, ValueError):
    """A name already stands for something else."""

    code = "error.taken_name"
    template = "There is a scenario called “{name}” already; replace it, or choose another name."


class UnknownScenarioError(AnalyticsError, KeyError):
    """A saved scenario that is asked for does not exist."""

    code = "error.unknown_scenario"
    template = "There is no saved scenario “{name}”."

    __str__ = Exception.__str__  # KeyError would show the repr of the text


class UnknownLinkError(AnalyticsError, KeyError):
    """A link that is to be closed does not exist, or was closed already."""

    code = "error.unknown_link"
    template = "There is no open link number {share_id}; load the page again."

    __str__ = Exception.__str__  # KeyError would show the repr of the text


class UnknownAlertError(AnalyticsError, KeyError):
    """An alarm that is to be snoozed or taken on is none of that day."""

    code = "error.unknown_alert"
    template = "This alarm is no longer among those of the day; load the page again."

    __str__ = Exception.__str__  # KeyError would show the repr of the text


class EmptyReasonError(AnalyticsError, ValueError):
    """An alarm is to rest, and nobody says why."""

    code = "error.empty_reason"
    template = "Say in a few words why the alarm may rest; whoever sees it next will want to know."


class BadAddressError(AnalyticsError, ValueError):
    """An address for the daily digest is none that can be sent to."""

    code = "error.bad_address"
    template = (
        "The address in line {line} cannot be sent to. Paste the webhook's whole https address, or "
        "one such as mailtos://user:password@example.com."
    )


class NoAddressError(AnalyticsError):
    """A message is to be sent, and nobody said where to."""

    code = "error.no_address"
    template = (
        "No address is kept to send to. Type one in the app, under Settings, Alarms and digest."
    )


class NoSenderError(AnalyticsError, ImportError):
    """The part that sends messages is not installed."""

    code = "error.no_sender"
    template = (
        "To send messages this installation needs one more part: run pip install apprise, then "
        "start the app again."
    )


class NotSentError(AnalyticsError, ConnectionError):
    """A message reached not all of those it was meant for."""

    code = "error.not_sent"
    template = (
        "{failed} of {addresses} addresses did not take the message. Check that they are complete, "
        "and that this machine may reach the internet."
    )


class BrokenLinkError(AnalyticsError, ValueError):
    """What a frozen link showed is not what was kept."""

    code = "error.broken_link"
    template = "What this link showed can no longer be read. Ask whoever sent it for a new one."


class SampleLinkError(AnalyticsError, ValueError):
    """A link was made on the sample, and is to be answered from one's own workspace."""

    code = "error.sample_link"
    template = (
        "This link was made on the sample, whose numbers are not yours. Open it in the app, or "
        "copy one from there while it shows your own data."
    )


class UnknownMarketError(AnalyticsError, ValueError):
    """A market that was named is no country."""

    code = "error.unknown_market"
    template = "{market} is no market that is known here. Write a country, or its code, like DE."


class UnknownTimeZoneError(AnalyticsError, ValueError):
    """A time zone that was named does not exist."""

    code = "error.unknown_time_zone"
    template = "{zone} is no time zone that is known here. Write one like Europe/Berlin."


class BadMappingError(AnalyticsError, ValueError):
    """A mapping file cannot be used."""

    code = "error.bad_mapping"
    template = (
        "{file} is no mapping that can be used; look at “{part}” ({value}). Download one from the "
        "Import page to start from."
    )


class UnfitMappingError(AnalyticsError, ValueError):
    """A mapping file fits none of the sheets."""

    code = "error.unfit_mapping"
    template = "No sheet has the headers that {file} names; nothing of it was used."


class NotASkuError(AnalyticsError, ValueError):
    """A line of a table of names says only half of what it should."""

    code = "error.half_a_name"
    template = "The line with {value} names only one side. Fill in the other, or delete the line."


class AmbiguousNameError(AnalyticsError, ValueError):
    """One name of a table of names stands for two things."""

    code = "error.ambiguous_name"
    template = "{value} stands in two lines. Leave the one that is meant."


class NotPositiveError(AnalyticsError, ValueError):
    """A number that must be above zero is not."""

    code = "error.not_positive"
    template = "{value}: {name} must be above zero."


class NegativeInputError(AnalyticsError, ValueError):
    """A quantity that cannot be negative is."""

    code = "error.negative_input"
    template = "{name} is {value}; it cannot be negative."


class InvalidPanelError(AnalyticsError, ValueError):
    """A table handed to a numeric function lacks a column or holds a value that it cannot use."""

    code = "error.invalid_panel"
    template = "The column {column} of the sales panel cannot be used: {reason}."


class UnknownItemError(AnalyticsError, KeyError):
    """An item that is asked for does not exist."""

    code = "error.unknown_item"
    template = "There is no item {sku} in market {market}. Pick one from the list."

    __str__ = Exception.__str__  # KeyError would show the repr of the text


class TooSlowToFitError(AnalyticsError, TimeoutError):
    """A closer look at one product takes too long."""

    code = "error.too_slow_to_fit"
    template = "The closer look was given up after {limit} seconds; the forecast stands as it is."


class FitBrokeOffError(AnalyticsError, RuntimeError):
    """A closer look at one product ended before it had an answer, or took too much memory."""

    code = "error.fit_broke_off"
    template = "The closer look broke off; the forecast stands as it is."


class ForecastBrokeOffError(FitBrokeOffError):
    """The forecast of a catalogue took more memory or time than it may, or its process was ended.

    It is not tried without those bounds: that would end the server, for all who are on it.
    """

    code = "error.forecast_broke_off"
    template = (
        "The forecast broke off: it took too much memory or time. Your data are all in; try again "
        "later, and if it breaks off again, give the server more memory."
    )
