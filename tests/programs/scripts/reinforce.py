"""REINFORCE, and then an actor with a critic, on CartPole: as in PyTorch's examples."""
import argparse
from collections import deque, namedtuple
from itertools import count

import gymnasium as gym
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions import Categorical

parser = argparse.ArgumentParser(description="PyTorch REINFORCE example")
parser.add_argument("--gamma", type=float, default=0.99, metavar="G")
parser.add_argument("--seed", type=int, default=543, metavar="N")
args = parser.parse_args()
env = gym.make("CartPole-v1")
env.reset(seed=args.seed)
torch.manual_seed(args.seed)
eps = np.finfo(np.float32).eps.item()
SavedAction = namedtuple("SavedAction", ["log_prob", "value"])


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(4, 64)
        self.dropout = nn.Dropout(p=0.6)
        self.affine2 = nn.Linear(64, 2)
        self.saved_log_probs = []
        self.rewards = []

    def forward(self, x):
        x = self.affine1(x)
        x = self.dropout(x)
        x = F.relu(x)
        action_scores = self.affine2(x)
        return F.softmax(action_scores, dim=1)


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(4, 64)
        self.action_head = nn.Linear(64, 2)
        self.value_head = nn.Linear(64, 1)

    def forward(self, x):
        x = F.relu(self.affine1(x))
        return F.softmax(self.action_head(x), dim=-1), self.value_head(x)


def discounted(rewards):
    R, returns = 0, deque()
    for r in rewards[::-1]:
        R = r + args.gamma * R
        returns.appendleft(R)
    returns = torch.tensor(returns)
    return (returns - returns.mean()) / (returns.std() + eps)


def reinforce(episodes):
    policy = Policy()
    optimizer = optim.Adam(policy.parameters(), lr=1e-2)
    for i_episode in range(episodes):
        state, _ = env.reset()
        for t in range(1, 200):
            state = torch.from_numpy(state).float().unsqueeze(0)
            m = Categorical(policy(state))
            action = m.sample()
            policy.saved_log_probs.append(m.log_prob(action))
            state, reward, done, _, _ = env.step(action.item())
            policy.rewards.append(reward)
            if done:
                break
        returns = discounted(policy.rewards)
        policy_loss = []
        for log_prob, R in zip(policy.saved_log_probs, returns):
            policy_loss.append(-log_prob * R)
        optimizer.zero_grad()
        policy_loss = torch.cat(policy_loss).sum()
        policy_loss.backward()
        optimizer.step()
        del policy.rewards[:]
        del policy.saved_log_probs[:]
        print(f"Episode {i_episode}\tLast reward: {t}")


def actor_critic(episodes):
    model = ActorCritic()
    optimizer = optim.Adam(model.parameters(), lr=3e-2)
    for i_episode in range(episodes):
        state, _ = env.reset()
        saved, rewards = [], []
        for t in count():
            probs, state_value = model(torch.from_numpy(state).float())
            m = Categorical(probs)
            action = m.sample()
            saved.append(SavedAction(m.log_prob(action), state_value))
            state, reward, done, _, _ = env.step(action.item())
            rewards.append(reward)
            if done or t > 200:
                break
        policy_losses, value_losses = [], []
        for (log_prob, value), R in zip(saved, discounted(rewards)):
            advantage = R - value.item()
            policy_losses.append(-log_prob * advantage)
            value_losses.append(F.smooth_l1_loss(value, torch.tensor([R])))
        optimizer.zero_grad()
        loss = torch.stack(policy_losses).sum() + torch.stack(value_losses).sum()
        loss.backward()
        optimizer.step()


if __name__ == "__main__":
    reinforce(4)
    actor_critic(4)
