"""Messages of customers that are put together for the injection head to leave alone."""

from training.guards.customer_texts import posts, requests_of_customers


def test_requests_differ_and_are_the_same_for_one_seed() -> None:
    made = list(requests_of_customers(300, 0))
    assert made == list(requests_of_customers(300, 0)) != list(requests_of_customers(300, 1))
    assert len(set(made)) > 200
    assert not any("{" in text for text in made)


def test_each_post_stands_once() -> None:
    assert len(posts()) == len(set(posts())) > 100
