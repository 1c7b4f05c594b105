"""The rules that hold for a film's files beyond what holds for any file (`core.file_rules`)."""

from elearn.core.file_rules import Rule
from elearn.core.i18n import lazy_gettext as _l

WITHIN = _l("Write a time within the film's %(seconds)s seconds")


class ManifestRule(Rule):
    """A rule that a manifest may break."""

    NO_PLACE = _l("'%(given)s' is not a place in a film"), _l('Write minutes and seconds, such as "01:05"')
    VIDEO_OR_STATEMENT = (
        _l("one of video and statement belongs here"),
        _l("Write video: <id>, or statement: with by, on, text"),
    )
    PASSAGE_BACKWARDS = _l("the passage '%(passage)s' ends before it begins"), _l("Write a later time in the key 'to'")
    ID_NOT_FILE = (
        _l("the id is '%(id)s', but the file is %(file)s"),
        _l("Write id: %(stem)s, or rename the file"),
    )
    CHAPTER_ORDER = _l("a chapter begins before the one above it"), _l("Put the chapters in the film's order")
    PASSAGE_TWICE = _l("there are two passages called '%(passage)s'"), _l("Give each passage an id of its own")
    POSTER_AFTER_END = _l("the poster lies after the film's end"), WITHIN
    CHAPTER_AFTER_END = _l("the chapter begins after the film's end"), WITHIN
    PASSAGE_AFTER_END = _l("the passage ends after the film's end"), WITHIN
    LANGUAGE_UNKNOWN = (
        _l("the manifest does not exist yet"),
        _l("Say which language is spoken: --language da"),
    )
    OTHER_LANGUAGE = (
        _l("the manifest says '%(spoken)s', the command '%(said)s'"),
        _l("Correct one of them"),
    )
    TRANSCRIPT_GONE = (
        _l("there is no such file"),
        _l("Write %(name)s beside the manifest, or remove the line"),
    )


class CaptionRule(Rule):
    """A rule that a file of captions may break."""

    NO_WEBVTT = (
        _l("this is not a WebVTT file"),
        _l("Write WEBVTT in the first line, or name a SubRip file .srt"),
    )
    NO_CAPTION = _l("there is no caption in it"), _l("Write at least one")
    BLOCK = (
        _l("%(block)s blocks are not used here"),
        _l("Remove the block: captions look the same in all films"),
    )
    NO_TIME = _l("this is not a caption's time"), _l("Write it as 00:01:02.500 --> 00:01:05.000")
    NOTHING_SAID = _l("the caption has no text"), _l("Write its text on the next line, or remove it")
    TOGETHER = _l("two captions stand together"), _l("Leave an empty line between them")
    MARKUP = _l("'%(tag)s' is not used in captions"), _l("Remove it. A lone < is written &lt;")
    BACKWARDS = _l("the caption ends before it begins"), _l("Write a later time after the arrow")
    ORDER = _l("the caption begins before the one above it"), _l("Put the captions in the film's order")
    AFTER_END = (
        _l("the caption stands after the film's end"),
        _l("The film is %(length)s long: write a time within it"),
    )
    NOT_ALIKE = (
        _l("the captions cannot be read alike by every player"),
        _l("Open it in a caption editor and save it as WebVTT"),
    )


class DrawingRule(Rule):
    """A rule that a film.yaml, from which a film is drawn, may break."""

    ID_NOT_FOLDER = _l("the id is not the folder's name"), _l("Write id: %(folder)s, or rename the folder")
    NO_DRAWING = (
        _l("there is no drawing '%(drawing)s'"),
        _l("Put it beside film.yaml or into drawings/, or correct the name"),
    )
