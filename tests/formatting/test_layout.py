"""The layout, rule by rule, on examples that were laid out by hand."""

from textwrap import dedent

import pytest

from kg.errors import MalformedError
from kg.formatting import format_text

PREFIX = "@prefix c: <https://example.org/> .\n\n"


def laid_out(text: str) -> str:
    """Return what the formatter makes of a text that may use the prefix c:."""
    formatted = format_text(PREFIX + dedent(text))
    assert formatted.startswith(PREFIX) or formatted == PREFIX.rstrip("\n") + "\n"
    return formatted.removeprefix(PREFIX)


def right(text: str) -> str:
    return dedent(text).removeprefix("\n")


def stays(text: str) -> None:
    expected = right(text)
    assert laid_out(expected) == expected


def test_a_subject_and_each_predicate_have_a_line_of_their_own() -> None:
    assert laid_out('c:riga a c:City;c:name "Riga"@en;c:part c:latvia.') == right(
        """
        c:riga
            a c:City ;
            c:name "Riga"@en ;
            c:part c:latvia .
        """
    )


def test_any_indentation_and_tabs_become_four_spaces() -> None:
    assert laid_out("\tc:riga\n\t\ta  c:City;\n  c:part\tc:latvia  .") == right(
        """
        c:riga
            a c:City ;
            c:part c:latvia .
        """
    )


def test_a_dot_or_semicolon_on_a_line_of_its_own_goes_up() -> None:
    assert laid_out("c:riga\n    a c:City\n    ;\n    c:part c:latvia\n    ;\n.\n") == right(
        """
        c:riga
            a c:City ;
            c:part c:latvia .
        """
    )


def test_semicolons_that_say_nothing_go() -> None:
    assert laid_out("c:riga a c:City ;; c:part c:latvia ; ; .") == right(
        """
        c:riga
            a c:City ;
            c:part c:latvia .
        """
    )


def test_objects_on_one_line_stay_on_one_line_however_long_it_is() -> None:
    many = " , ".join(f"c:neighbour-{number}" for number in range(20))
    assert laid_out(f"c:riga c:near {many.replace(' ', '')} .") == f"c:riga\n    c:near {many} .\n"


@pytest.mark.parametrize(
    "objects",
    [
        "\n  c:a , c:b , c:c",
        " c:a ,\n c:b , c:c",
        " c:a , c:b\n , c:c",
        "\n\n  c:a\n,c:b\n,\nc:c",
    ],
)
def test_objects_that_are_broken_anywhere_have_a_line_each(objects: str) -> None:
    assert laid_out(f"c:riga c:near{objects} .") == right(
        """
        c:riga
            c:near
                c:a ,
                c:b ,
                c:c .
        """
    )


def test_one_object_stands_beside_its_predicate() -> None:
    assert laid_out("c:riga c:near\n        c:jurmala\n .") == "c:riga\n    c:near c:jurmala .\n"


def test_a_bracket_with_one_predicate_on_one_line_stays_there() -> None:
    assert laid_out("c:riga c:at [c:lat 56.95].") == "c:riga\n    c:at [ c:lat 56.95 ] .\n"


def test_a_bracket_that_is_broken_or_has_more_predicates_has_a_line_for_each() -> None:
    expected = right(
        """
        c:riga
            c:at [
                c:lat 56.95 ;
            ] ;
            c:at [
                c:lat 56.95 ;
                c:long 24.1 ;
            ] .
        """
    )
    loose = "c:riga c:at [\nc:lat 56.95] ; c:at [ c:lat 56.95 ; c:long 24.1 ] ."
    assert laid_out(loose) == expected
    assert laid_out(expected) == expected


def test_brackets_in_brackets_are_broken_from_the_outside() -> None:
    assert laid_out("c:riga c:at [ c:point [ c:lat 56.95 ; c:long 24.1 ] ] .") == right(
        """
        c:riga
            c:at [
                c:point [
                    c:lat 56.95 ;
                    c:long 24.1 ;
                ] ;
            ] .
        """
    )


def test_several_brackets_as_objects_stand_below_their_predicate() -> None:
    assert laid_out("c:riga c:at [ c:lat 1 ; c:long 2 ] , [ c:lat 3 ] .") == right(
        """
        c:riga
            c:at
                [
                    c:lat 1 ;
                    c:long 2 ;
                ] ,
                [ c:lat 3 ] .
        """
    )


def test_empty_brackets_hold_no_space() -> None:
    assert laid_out("[ ] a c:City ; c:near [\n], ( ) .") == right(
        """
        []
            a c:City ;
            c:near
                [] ,
                () .
        """
    )


def test_a_bracket_as_subject_may_stand_alone() -> None:
    assert laid_out("[ a c:City ; c:near c:riga ] . [ a c:City ] . [a c:City] c:near c:riga.") == (
        right(
            """
            [
                a c:City ;
                c:near c:riga ;
            ] .

            [ a c:City ] .

            [ a c:City ]
                c:near c:riga .
            """
        )
    )


def test_a_collection_on_one_line_stays_there() -> None:
    assert laid_out("c:riga c:digits (1 2.0(3)) .") == "c:riga\n    c:digits ( 1 2.0 ( 3 ) ) .\n"


def test_a_broken_collection_keeps_its_rows() -> None:
    expected = right(
        """
        c:riga
            c:codes (
                "en" "lv"
                "lt" "et"
            ) .
        """
    )
    assert laid_out('c:riga c:codes ( "en"   "lv"\n"lt" "et" ) .') == expected
    assert laid_out(expected) == expected


def test_a_broken_bracket_in_a_collection_has_rows_of_its_own() -> None:
    assert laid_out("c:riga c:any ( c:a c:b [ c:lat 1 ; c:long 2 ] c:d c:e ) .") == right(
        """
        c:riga
            c:any (
                c:a c:b
                [
                    c:lat 1 ;
                    c:long 2 ;
                ]
                c:d c:e
            ) .
        """
    )


def test_directives_keep_their_spelling_and_order() -> None:
    text = (
        "PREFIX b:<https://example.org/b/>@prefix\ta:\n<https://example.org/a/>.\n"
        "base <https://example.org/>\n@base<https://example.org/c/>.Prefix : <#>"
    )
    assert format_text(text) == right(
        """
        PREFIX b: <https://example.org/b/>
        @prefix a: <https://example.org/a/> .
        base <https://example.org/>
        @base <https://example.org/c/> .
        Prefix : <#>
        """
    )


def test_terms_stay_as_they_are_written() -> None:
    stays(
        r"""
        c:riga
            a c:City ;
            <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/City> ;
            c:name 'Riga'@EN , "R\u012Bga" , 'R"ga' , '''Ri
          'ga'	''' , c:a\,b%20 , _:b1 , true , false ;
            c:number 1.0 , +01 , .5e3 , -0.0 , "1.0"^^c:decimal , "x"^^<https://example.org/y> .
        """
    )


def test_literals_are_joined_with_their_language_and_datatype() -> None:
    assert laid_out('c:riga c:name "Riga" @en , "1" ^^ c:code .') == (
        'c:riga\n    c:name "Riga"@en , "1"^^c:code .\n'
    )


def test_a_long_string_keeps_its_lines_spaces_and_line_ends() -> None:
    value = '"""one  \r\n\ttwo\n\n\n  # three """'
    assert laid_out(f"c:riga c:note {value}.") == f"c:riga\n    c:note {value} .\n"


def test_one_blank_line_stands_between_statements_and_none_inside() -> None:
    assert laid_out("c:a a c:X . c:b\n\na c:X ;\n\n c:p c:c .\nc:c a c:X .\n\n\n\nc:d a c:X .") == (
        right(
            """
            c:a
                a c:X .

            c:b
                a c:X ;
                c:p c:c .

            c:c
                a c:X .

            c:d
                a c:X .
            """
        )
    )


def test_between_prefixes_a_blank_line_stays_and_none_is_added() -> None:
    text = "PREFIX a: <urn:a>\nPREFIX b: <urn:b>\n\n\nPREFIX c: <urn:c>\na:x a b:y .\n"
    assert format_text(text) == (
        "PREFIX a: <urn:a>\nPREFIX b: <urn:b>\n\nPREFIX c: <urn:c>\n\na:x\n    a b:y .\n"
    )


def test_blank_lines_at_the_start_and_the_end_go() -> None:
    assert format_text("\n\n# one\n\n\n\nPREFIX a: <urn:a> \n\n\n") == (
        "# one\n\nPREFIX a: <urn:a>\n"
    )


@pytest.mark.parametrize("text", ["", "\n", " \t\r\n \n", "\ufeff"])
def test_a_file_without_anything_becomes_empty(text: str) -> None:
    assert format_text(text) == ""


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n", " ", "\r\n", " \t\n  "])
def test_a_file_ends_with_one_line_end(end: str) -> None:
    assert laid_out("c:riga a c:City ." + end) == "c:riga\n    a c:City .\n"
    assert laid_out("c:riga a c:City . # it is" + end) == "c:riga\n    a c:City . # it is\n"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_become_lf_and_a_byte_order_mark_goes(end: str) -> None:
    text = "\ufeff# one\n\n# two\nPREFIX c: <urn:c>\n\nc:riga\n    a c:City .\n"
    assert format_text(text.replace("\n", end)) == text.removeprefix("\ufeff")


def test_comments_on_lines_of_their_own_stay_before_what_they_stand_before() -> None:
    stays(
        """
        # before the subject

        # right before it
        c:riga
            # before a predicate
            # in two lines
            c:near
                # before an object
                c:jurmala ,
                # before the next
                c:ogre ;
            c:at [
                # in a bracket
                c:lat 56.95 ;
                # at its end
            ] ;
            c:codes (
                # in a collection
                "en"
                # at its end
            ) ;
            # c:before "the dot" ;
            .
        # after the statement

        # at the end
        """
    )


def test_comments_get_the_indentation_of_what_they_stand_before() -> None:
    assert laid_out(
        "  # one\nc:riga\n# two\na c:City ;\n# three\nc:at [\n# four\n c:lat 1 ] ."
    ) == (
        right(
            """
            # one
            c:riga
                # two
                a c:City ;
                # three
                c:at [
                    # four
                    c:lat 1 ;
                ] .
            """
        )
    )


def test_comments_at_the_end_of_a_line_stay_on_the_line() -> None:
    stays(
        """
        c:riga # subject
            c:name "Riga"@en ; # kg: ignore LBL01 -- a reason
            c:near # predicate
                c:jurmala , # object
                c:ogre ; # last object
            c:at [ # opening
                c:lat 56.95 ; # inside
            ] ; # closing
            c:codes ( # opening
                "en" # item
                "lv" "lt" # row
            ) . # dot
        """
    )


def test_marks_move_before_a_comment() -> None:
    assert laid_out(
        "c:riga a c:City # one\n; c:near c:a # two\n, c:b # three\n. # four\n"
    ) == right(
        """
        c:riga
            a c:City ; # one
            c:near
                c:a , # two
                c:b ; # three
            . # four
        """
    )
    assert laid_out("c:riga a c:City # one\n.\n") == "c:riga\n    a c:City . # one\n"


def test_a_mark_with_a_comment_of_its_own_stays_below_the_comment_before_it() -> None:
    stays(
        """
        c:riga
            a c:City # one
            ; # two
            c:near
                c:a # three
                , # four
                c:b .
        """
    )


def test_comments_of_semicolons_that_go_stay() -> None:
    assert laid_out("c:riga a c:City ; # one\n ; # two\n ; # three\n c:near c:a ; # four\n .") == (
        right(
            """
            c:riga
                a c:City ; # one
                # two
                # three
                c:near c:a . # four
            """
        )
    )


def test_comments_inside_terms_and_directives_stay() -> None:
    text = right(
        """
        @prefix # one
            c: # two
            <https://example.org/> . # three

        c:riga
            c:code "1" # four
                ^^ # five
                c:code .
        """
    )
    assert format_text(text) == text
    below = text.replace("<https://example.org/> . # three", "<https://example.org/>\n# four\n.")
    assert "    <https://example.org/>\n    # four\n    .\n" in format_text(below)


def test_a_comment_in_empty_brackets_stays_there() -> None:
    assert laid_out("c:riga c:near [ # one\n # two\n ] ; c:codes ( # three\n ) .") == right(
        """
        c:riga
            c:near [ # one
                # two
            ] ;
            c:codes ( # three
            ) .
        """
    )


def test_the_text_of_a_comment_stays_but_for_spaces_at_its_end() -> None:
    assert laid_out('#no space\n#\n#\ttab "quote" <x> ; \t \nc:a a c:X .## two  \t') == (
        '#no space\n#\n#\ttab "quote" <x> ;\n' + "c:a\n    a c:X . ## two\n"
    )


def test_a_file_of_comments_only_keeps_them() -> None:
    assert format_text("\n  # one\n\n\n\t# two\n# three") == "# one\n\n# two\n# three\n"


def test_a_comment_between_two_statements_that_touch_goes_with_the_second() -> None:
    assert laid_out("c:a a c:X .\n# about b\nc:b a c:X .\n# about c\n\nc:c a c:X .") == right(
        """
        c:a
            a c:X .

        # about b
        c:b
            a c:X .
        # about c

        c:c
            a c:X .
        """
    )


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("c:riga a c:City", 1, 1),
        ("PREFIX c: <urn:c>\nc:riga a c:City ;\n  c:name Riga .\n", 3, 10),
    ],
)
def test_text_that_is_not_well_formed_is_refused_with_its_place(
    text: str, line: int, column: int
) -> None:
    with pytest.raises(MalformedError) as caught:
        format_text(text)
    assert (caught.value.line, caught.value.column) == (line, column)
