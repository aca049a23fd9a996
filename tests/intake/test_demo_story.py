"""The lives of the demo's leads are drawn from a seed and follow from hidden traits."""

from random import Random

from intake.demo import traits


def test_the_same_seed_draws_the_same_people() -> None:
    drawn = [traits.draw(Random(3), number) for number in range(5)]
    assert drawn == [traits.draw(Random(3), number) for number in range(5)]
    assert drawn != [traits.draw(Random(4), number) for number in range(5)]


def test_a_stronger_lead_is_likelier_to_buy() -> None:
    people = sorted(
        (traits.draw(Random(seed), seed) for seed in range(400)), key=lambda drawn: drawn.need + drawn.budget
    )
    weak, strong = people[:100], people[-100:]
    assert sum(drawn.chance for drawn in strong) > 2 * sum(drawn.chance for drawn in weak)
