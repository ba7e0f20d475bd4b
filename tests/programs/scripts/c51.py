"""Categorical DQN (C51): the distribution of returns on a fixed support, projected by hand."""
import argparse
import random

import gymnasium as gym
import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--torch-deterministic", type=lambda x: bool(x), default=True)
    parser.add_argument("--cuda", type=lambda x: bool(x), default=True)
    parser.add_argument("--total-timesteps", type=int, default=120)
    parser.add_argument("--learning-rate", type=float, default=2.5e-4)
    parser.add_argument("--n-atoms", type=int, default=21)
    parser.add_argument("--v-min", type=float, default=-10)
    parser.add_argument("--v-max", type=float, default=10)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--gamma", type=float, default=0.99)
    return parser.parse_args()


class QNetwork(nn.Module):
    def __init__(self, env, n_atoms=101, v_min=-100, v_max=100):
        super().__init__()
        self.env = env
        self.n_atoms = n_atoms
        self.register_buffer("atoms", torch.linspace(v_min, v_max, steps=n_atoms))
        self.n = env.action_space.n
        self.network = nn.Sequential(
            nn.Linear(np.array(env.observation_space.shape).prod(), 32),
            nn.ReLU(),
            nn.Linear(32, 24),
            nn.ReLU(),
            nn.Linear(24, self.n * n_atoms),
        )

    def get_action(self, x, action=None):
        logits = self.network(x)
        pmfs = torch.softmax(logits.view(len(x), self.n, self.n_atoms), dim=2)
        q_values = (pmfs * self.atoms).sum(2)
        if action is None:
            action = torch.argmax(q_values, 1)
        return action, pmfs[torch.arange(len(x)), action]


if __name__ == "__main__":
    args = parse_args()
    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    torch.backends.cudnn.deterministic = args.torch_deterministic
    device = torch.device("cuda" if torch.cuda.is_available() and args.cuda else "cpu")
    env = gym.make("CartPole-v1")
    q_network = QNetwork(env, args.n_atoms, args.v_min, args.v_max).to(device)
    optimizer = optim.Adam(q_network.parameters(), lr=args.learning_rate, eps=0.01 / args.batch_size)
    target_network = QNetwork(env, args.n_atoms, args.v_min, args.v_max).to(device)
    target_network.load_state_dict(q_network.state_dict())
    buffer = []
    obs, _ = env.reset(seed=args.seed)
    for global_step in range(args.total_timesteps):
        if random.random() < 0.3:
            action = random.randrange(2)
        else:
            actions, pmf = q_network.get_action(torch.Tensor(obs[None]).to(device))
            action = actions.cpu().numpy()[0]
        next_obs, reward, terminated, truncated, _ = env.step(int(action))
        buffer.append((obs, next_obs, [action], [reward], [float(terminated)]))
        obs = next_obs if not (terminated or truncated) else env.reset()[0]
        if global_step > 20 and global_step % 4 == 0:
            rows = random.sample(buffer, args.batch_size)
            b_obs, b_next, b_act, b_rew, b_done = [torch.as_tensor(np.array(column)).to(device) for column in zip(*rows)]
            b_rew, b_done = b_rew.float(), b_done.float()
            with torch.no_grad():
                _, next_pmfs = target_network.get_action(b_next)
                next_atoms = b_rew + args.gamma * target_network.atoms * (1 - b_done)
                delta_z = target_network.atoms[1] - target_network.atoms[0]
                tz = next_atoms.clamp(args.v_min, args.v_max)
                b = (tz - args.v_min) / delta_z
                lower = b.floor().clamp(0, args.n_atoms - 1)
                upper = b.ceil().clamp(0, args.n_atoms - 1)
                d_m_l = (upper + (lower == upper).float() - b) * next_pmfs
                d_m_u = (b - lower) * next_pmfs
                target_pmfs = torch.zeros_like(next_pmfs)
                for i in range(target_pmfs.size(0)):
                    target_pmfs[i].index_add_(0, lower[i].long(), d_m_l[i])
                    target_pmfs[i].index_add_(0, upper[i].long(), d_m_u[i])
            _, old_pmfs = q_network.get_action(b_obs, b_act.flatten())
            loss = (-(target_pmfs * old_pmfs.clamp(min=1e-5, max=1 - 1e-5).log()).sum(-1)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if global_step % 40 == 0:
            target_network.load_state_dict(q_network.state_dict())
    print("loss", loss.item())
