"""The language server: `kg lsp`, for any editor that speaks the Language Server Protocol.

It renders what the rest of the package knows and finds nothing itself: diagnostics are the findings
of `kg.check`, the layout is that of `kg.formatting`, and places come from `kg.turtle.read`, which
goes on after a mistake, so that all of it works while one types.

    positions    offsets as lines and characters of the client
    documents    the texts that are open
    index        what the files of the dataset say, by entity, with places
    schema       what ontology and shapes want of a class
    context      what is being written at the cursor
    words        what the server says itself, in the languages of the findings
    completion   what may be written there
    hover        what stands there, explained
    navigation   definitions, references, symbols, new names
    diagnostics  findings as diagnostics; findings of an older text
    actions      remedies as code actions
    checker      the check, in a process of its own
    session      one client's dataset, documents and findings
    server       the protocol
"""
