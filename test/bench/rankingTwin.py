"""Matrix factorisation by BPR in NumPy, beside which src/training/README.md puts our own.

python3 rankingTwin.py u.data [seed]

Ratings of 4 and 5 are what happened. Of each user the last item is test and the one before it validation; users of fewer
than three are all in training. Recall and NDCG at 10 over all items that the user does not have in training.
"""

import sys

import numpy as np

DIM, RATE, L2, BATCH, EPOCHS, PATIENCE = 64, 1e-3, 0.005, 1024, 100, 10


def read(path):
    by_user = {}
    with open(path) as file:
        for line_number, line in enumerate(file):
            user, item, rating, time = map(int, line.split("\t"))
            if rating >= 4:
                by_user.setdefault(user, []).append((time, line_number, item))
    train, validation, test = [], {}, {}
    for user, events in by_user.items():
        items = [item for _, _, item in sorted(events)]
        if len(items) >= 3:
            validation[user], test[user] = items[-2:]
            items = items[:-2]
        train += [(user, item) for item in items]
    return train, validation, test


def ranks_within_ten(scores, held, users, items):
    """Mean NDCG@10 and recall@10; an item that training never saw is a miss."""
    gains = []
    for user, item in held.items():
        if item not in items:
            gains.append(0.0)
            continue
        row, column = scores[users[user]], items[item]
        ahead = (row > row[column]).sum() + (row[:column] == row[column]).sum()
        gains.append(1 / np.log2(ahead + 2) if ahead < 10 else 0.0)
    return np.mean(gains), np.mean(np.array(gains) > 0)


def main(path, seed):
    train, validation, test = read(path)
    users = {user: id for id, user in enumerate(sorted({user for user, _ in train}))}
    items = {item: id for id, item in enumerate(sorted({item for _, item in train}))}
    pairs = np.array([(users[user], items[item]) for user, item in train])
    seen = np.zeros((len(users), len(items)), bool)
    seen[pairs[:, 0], pairs[:, 1]] = True

    random = np.random.default_rng(seed)
    deviation = 0.1 * DIM**-0.25
    weights = {
        "user": random.normal(0, deviation, (len(users), DIM)),
        "item": random.normal(0, deviation, (len(items), DIM)),
        "bias": np.zeros((len(items), 1)),
    }
    first = {name: np.zeros_like(weight) for name, weight in weights.items()}
    second = {name: np.zeros_like(weight) for name, weight in weights.items()}
    best, step, waited = None, 0, 0

    for epoch in range(EPOCHS):
        order = random.permutation(len(pairs))
        for start in range(0, len(order), BATCH):
            user, item = pairs[order[start : start + BATCH]].T
            other = random.integers(0, len(items), len(user))
            while (bad := seen[user, other]).any():
                other[bad] = random.integers(0, len(items), bad.sum())
            vectors, biases = weights["item"], weights["bias"]
            margin = vectors[other] - vectors[item]
            difference = (margin * weights["user"][user]).sum(1) + (biases[other] - biases[item])[:, 0]
            slope = (1 / (1 + np.exp(-difference)) / len(user))[:, None]
            decay = L2 / len(user)
            gradients = {name: np.zeros_like(weight) for name, weight in weights.items()}
            np.add.at(gradients["user"], user, slope * margin + 2 * decay * weights["user"][user])
            np.add.at(gradients["item"], other, slope * weights["user"][user] + decay * vectors[other])
            np.add.at(gradients["item"], item, -slope * weights["user"][user] + decay * vectors[item])
            np.add.at(gradients["bias"], other, slope)
            np.add.at(gradients["bias"], item, -slope)

            # Adam of the rows of this batch alone.
            step += 1
            touched = np.unique(np.r_[item, other])
            for name, rows in {"user": np.unique(user), "item": touched, "bias": touched}.items():
                first[name][rows] = 0.9 * first[name][rows] + 0.1 * gradients[name][rows]
                second[name][rows] = 0.999 * second[name][rows] + 0.001 * gradients[name][rows] ** 2
                mean = first[name][rows] / (1 - 0.9**step)
                root = np.sqrt(second[name][rows] / (1 - 0.999**step))
                weights[name][rows] -= RATE * mean / (root + 1e-8)

        scores = weights["user"] @ weights["item"].T + weights["bias"].T
        scores[seen] = -np.inf
        found = ranks_within_ten(scores, validation, users, items)
        if best is None or found[0] > best[0][0]:
            best, waited = (found, ranks_within_ten(scores, test, users, items), epoch), 0
        else:
            waited += 1
        if waited >= PATIENCE:
            break

    (ndcg, recall), (test_ndcg, test_recall), epoch = best
    print(f"{len(pairs)} training pairs, {len(test)} users, {len(items)} items, best after epoch {epoch + 1}")
    print(f"validation NDCG@10 {ndcg:.4f}, recall@10 {recall:.4f}")
    print(f"test NDCG@10 {test_ndcg:.4f}, recall@10 {test_recall:.4f}")


main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)
