"""What the pages of cities, networks, pledges, programmes, people and sources show.

Each module reads what one kind of page says, with index look-ups only and never more than its
bounds, so that a page costs the same however large the graph is. Every value comes with who says
it (`kg.description.origins`). What no module here looks for is below on the same page: the usual
description has all statements.

- `lens`: looks things up; a value with who says it.
- `bodies`: where a city or a body lies, and what belongs to it.
- `ties`: who takes part in what, since when and as what.
- `items`: duties, targets and goals, and how far they have come.
- `promises`: what a body has promised, and the act that binds it.
- `city`, `network`, `pledge`, `programme`, `person`, `source`: the pages.
- `choice`: which of them a thing has.
"""
