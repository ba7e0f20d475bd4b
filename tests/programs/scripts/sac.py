"""Soft actor-critic on Pendulum: twin critics, a squashed normal policy, a learned temperature."""
import random

import gymnasium as gym
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

LOG_STD_MAX, LOG_STD_MIN = 2, -5


class SoftQNetwork(nn.Module):
    def __init__(self, env):
        super().__init__()
        self.fc1 = nn.Linear(np.array(env.observation_space.shape).prod() + np.prod(env.action_space.shape), 24)
        self.fc2 = nn.Linear(24, 24)
        self.fc3 = nn.Linear(24, 1)

    def forward(self, x, a):
        x = torch.cat([x, a], 1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


class Actor(nn.Module):
    def __init__(self, env):
        super().__init__()
        self.fc1 = nn.Linear(np.array(env.observation_space.shape).prod(), 24)
        self.fc_mean = nn.Linear(24, np.prod(env.action_space.shape))
        self.fc_logstd = nn.Linear(24, np.prod(env.action_space.shape))
        self.register_buffer("action_scale", torch.tensor((env.action_space.high - env.action_space.low) / 2.0, dtype=torch.float32))
        self.register_buffer("action_bias", torch.tensor((env.action_space.high + env.action_space.low) / 2.0, dtype=torch.float32))

    def forward(self, x):
        x = F.relu(self.fc1(x))
        mean = self.fc_mean(x)
        log_std = torch.tanh(self.fc_logstd(x))
        return mean, LOG_STD_MIN + 0.5 * (LOG_STD_MAX - LOG_STD_MIN) * (log_std + 1)

    def get_action(self, x):
        mean, log_std = self(x)
        normal = torch.distributions.Normal(mean, log_std.exp())
        x_t = normal.rsample()
        y_t = torch.tanh(x_t)
        action = y_t * self.action_scale + self.action_bias
        log_prob = normal.log_prob(x_t)
        log_prob -= torch.log(self.action_scale * (1 - y_t.pow(2)) + 1e-6)
        return action, log_prob.sum(1, keepdim=True), torch.tanh(mean) * self.action_scale + self.action_bias


random.seed(1)
np.random.seed(1)
torch.manual_seed(1)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
env = gym.make("Pendulum-v1")
env.action_space.seed(1)
actor = Actor(env).to(device)
qf1, qf2 = SoftQNetwork(env).to(device), SoftQNetwork(env).to(device)
qf1_target, qf2_target = SoftQNetwork(env).to(device), SoftQNetwork(env).to(device)
qf1_target.load_state_dict(qf1.state_dict())
qf2_target.load_state_dict(qf2.state_dict())
q_optimizer = optim.Adam(list(qf1.parameters()) + list(qf2.parameters()), lr=1e-3)
actor_optimizer = optim.Adam(list(actor.parameters()), lr=3e-4)
target_entropy = -torch.prod(torch.Tensor(env.action_space.shape).to(device)).item()
log_alpha = torch.zeros(1, requires_grad=True, device=device)
alpha = log_alpha.exp().item()
a_optimizer = optim.Adam([log_alpha], lr=1e-3)
buffer = []

obs, _ = env.reset(seed=1)
for global_step in range(60):
    if global_step < 20:
        action = env.action_space.sample()
    else:
        action, _, _ = actor.get_action(torch.Tensor(obs).unsqueeze(0).to(device))
        action = action.detach().cpu().numpy()[0]
    next_obs, reward, termination, truncation, info = env.step(action)
    buffer.append((obs, next_obs, action, np.float32(reward), np.float32(termination)))
    obs = next_obs
    if global_step > 20:
        sampled = [torch.from_numpy(np.stack(column)).to(device) for column in zip(*random.sample(buffer, 16))]
        s, s2, a, r, d = sampled
        with torch.no_grad():
            next_actions, next_log_pi, _ = actor.get_action(s2)
            min_next = torch.min(qf1_target(s2, next_actions), qf2_target(s2, next_actions)) - alpha * next_log_pi
            next_q_value = r.flatten() + (1 - d.flatten()) * 0.99 * min_next.view(-1)
        qf_loss = F.mse_loss(qf1(s, a).view(-1), next_q_value) + F.mse_loss(qf2(s, a).view(-1), next_q_value)
        q_optimizer.zero_grad()
        qf_loss.backward()
        q_optimizer.step()
        if global_step % 2 == 0:
            pi, log_pi, _ = actor.get_action(s)
            min_qf_pi = torch.min(qf1(s, pi), qf2(s, pi))
            actor_loss = ((alpha * log_pi) - min_qf_pi).mean()
            actor_optimizer.zero_grad()
            actor_loss.backward()
            actor_optimizer.step()
            with torch.no_grad():
                _, log_pi, _ = actor.get_action(s)
            alpha_loss = (-log_alpha.exp() * (log_pi + target_entropy)).mean()
            a_optimizer.zero_grad()
            alpha_loss.backward()
            a_optimizer.step()
            alpha = log_alpha.exp().item()
        for param, target_param in zip(qf1.parameters(), qf1_target.parameters()):
            target_param.data.copy_(0.005 * param.data + (1 - 0.005) * target_param.data)
        for param, target_param in zip(qf2.parameters(), qf2_target.parameters()):
            target_param.data.copy_(0.005 * param.data + (1 - 0.005) * target_param.data)
print(f"q loss {qf_loss.item():.4f}, alpha {alpha:.4f}")
